#include "base/near_miss.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "irene/error.hpp"

#include "base/lower.hpp"

namespace irene {

namespace {

/// In lower case, without dashes and underscores. Cut, as the time grows with the square of the length.
std::string letters_of(std::string_view text) {
    std::string letters;
    for (const char c : text.substr(0, 64)) {
        if (c != '-' && c != '_') letters += base::lower(c);
    }
    return letters;
}

}  // namespace

std::size_t base::edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

std::optional<std::string> near_miss(std::string_view text, const std::vector<std::string>& candidates) {
    constexpr std::size_t kShort = 3;  // two slips lead from a shorter word to almost any other
    constexpr std::size_t kMostSlips = 2;
    const std::string word = letters_of(text);
    std::optional<std::string> nearest;
    std::size_t least = kMostSlips + 1;
    for (const std::string& candidate : candidates) {
        const std::string meant = letters_of(candidate);
        if (word.size() < kShort || meant.size() < kShort) continue;
        std::size_t distance = base::edit_distance(word, meant);
        if (word.starts_with(meant) || meant.starts_with(word)) distance = std::min(distance, kMostSlips);
        if (distance < least) {
            least = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

}  // namespace irene
