#include "data/other_formats.hpp"

#include <array>
#include <cctype>

#include "irene/error.hpp"

#include "base/files.hpp"

namespace irene::data {

namespace {

struct Compression {
    std::string_view beginning;
    const char* name;
    const char* unpacker;
};

constexpr std::array kCompressions{
    Compression{"\x1F\x8B", "gzip", "zcat"},
    Compression{"\x28\xB5\x2F\xFD", "zstd", "zstdcat"},
    Compression{"\xFD"
                "7zXZ",
                "xz", "xzcat"},
    Compression{"BZh", "bzip2", "bzcat"},
};

constexpr std::string_view kSpace = " \t\r\n";

}  // namespace

std::string other_format(std::string_view first_line, const std::string& source) {
    const bool has_name = source != base::display_name("-");
    const std::string file = has_name ? in_quotes(source) : "FILE";
    for (const Compression& compression : kCompressions) {
        if (!first_line.starts_with(compression.beginning)) continue;
        return std::string("compressed by ") + compression.name +
               "; unpack it into a pipe: " + compression.unpacker + " " + file +
               " | irene-... with '-' in place of the file";
    }
    if (first_line.starts_with("\xFF\xFE") || first_line.starts_with("\xFE\xFF"))
        return "UTF-16; trees are UTF-8: iconv -f UTF-16 -t UTF-8 " + file + " converts it";

    const std::size_t begin = first_line.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) return {};
    const std::string_view line = first_line.substr(begin, first_line.find_last_not_of(kSpace) + 1 - begin);
    if (line.front() == '[') {
        return "a list, but each line is to hold one tree; of a list of trees, jq -c '.[]' " + file +
               " makes such lines";
    }
    if (line == "{") {
        return "JSON spread over lines, but each line is to hold one tree; jq -c . " + file +
               " writes trees so, and irene-extract makes them from a transformer's config.json";
    }
    if (line.front() == '<') return "a page or XML; trees are wanted, one JSON object a line";
    const bool begins_a_word = std::isalpha(static_cast<unsigned char>(line.front())) != 0;
    if ((begins_a_word || line.front() == '"') && line.find_first_of(",;\t") != std::string_view::npos) {
        return "looks like a table, as CSV is; trees are wanted, one JSON object a line, as irene-extract "
               "and "
               "irene-predict write them";
    }
    return {};
}

}  // namespace irene::data
