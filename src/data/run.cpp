#include "irene/run.hpp"

#include "data/run_names.hpp"

namespace irene {

std::string_view name(Counting counting) noexcept { return base::name_in(data::kCountings, counting); }
std::string_view name(Dtype dtype) noexcept { return base::name_in(data::kDtypes, dtype); }
std::string_view name(AttentionKind attention) noexcept {
    return base::name_in(data::kAttentions, attention);
}

std::optional<Counting> counting_from_name(std::string_view spelling) noexcept {
    return base::find_in(data::kCountings, spelling);
}
std::optional<Dtype> dtype_from_name(std::string_view spelling) noexcept {
    return base::find_in(data::kDtypes, spelling);
}
std::optional<AttentionKind> attention_from_name(std::string_view spelling) noexcept {
    return base::find_in(data::kAttentions, spelling);
}

}  // namespace irene
