// The spellings of what a run may be.
#pragma once

#include "irene/run.hpp"

#include "base/name_table.hpp"

namespace irene::data {

inline constexpr base::NameTable<Counting, 2> kCountings{
    {{Counting::paper, "paper"}, {Counting::kernels, "kernels"}}};

inline constexpr base::NameTable<Dtype, 7> kDtypes{{{Dtype::float32, "float32"},
                                                    {Dtype::float16, "float16"},
                                                    {Dtype::bfloat16, "bfloat16"},
                                                    {Dtype::float8, "float8"},
                                                    {Dtype::int8, "int8"},
                                                    {Dtype::int4, "int4"},
                                                    {Dtype::mxfp4, "mxfp4"}}};

inline constexpr base::NameTable<AttentionKind, 2> kAttentions{
    {{AttentionKind::eager, "eager"}, {AttentionKind::flash, "flash"}}};

/// The spellings in a table of names.
template <typename Enum, std::size_t N>
constexpr std::array<std::string_view, N> spellings(const base::NameTable<Enum, N>& table) {
    std::array<std::string_view, N> names{};
    for (std::size_t i = 0; i != N; ++i) names[i] = table[i].second;
    return names;
}

}  // namespace irene::data
