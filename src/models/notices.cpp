#include "irene/notices.hpp"

#include <algorithm>
#include <tuple>

#include "irene/error.hpp"

#include "base/numbers.hpp"
#include "models/notices.hpp"

namespace irene {

namespace {

/// The first in the file stands for all.
void keep_first(std::optional<ContradictingCounts::Example>& first,
                const std::optional<ContradictingCounts::Example>& other) {
    if (other && (!first || std::tie(other->line, other->node) < std::tie(first->line, first->node))) {
        first = other;
    }
}

/// How bad an overshoot is: the greater, and of equal ones the one that stands in front.
auto badness(const OutOfRange& found) { return std::tuple(-found.overshoot, found.line, found.node); }

constexpr std::array<std::string_view, kNumCountsCauses> kCauses{
    "",
    "num_parameters is 0, as where frozen weights are left out",
    "flops seem to be counted in 10^9, and are expected in 10^6",
    "flops seem to be counted one by one, and are expected in 10^6",
    "flops seem to count a multiplication and its addition as one, and are expected to count both",
    "mem_bytes seem to be bytes, and are expected in MiB",
    "mem_bytes seem to be counted in 10^6 bytes, and are expected in MiB",
    "mem_bytes seem to be those of numbers of 2 bytes, and are expected to be those of float32",
    "no usual mistake of units explains it"};

std::string format(double value) { return base::format(value, 6); }

std::string to_words(const std::set<std::string>& unseen_operations) {
    std::string names;
    for (const std::string& operation : unseen_operations) {
        if (!names.empty()) names += ", ";
        names += in_quotes(operation);
    }
    return "operations not seen in training are predicted by what all operations have in common: " + names;
}

std::string to_words(const OutOfRange& worst, std::size_t num_out_of_range, std::size_t num_nodes) {
    std::string text = std::to_string(num_out_of_range) + " of " + std::to_string(num_nodes) +
                       " nodes lie outside the range of training: expect larger errors there than training "
                       "or intervals tell. The farthest is node " +
                       in_quotes(worst.scope) + " of line " + std::to_string(worst.line) + ": " +
                       std::string(worst.quantity);
    if (!worst.meaning.empty()) text += " (" + std::string(worst.meaning) + ")";
    text += " is " + format(worst.value) + ", training saw ";
    return text + (worst.least == worst.greatest ? "only " + format(worst.least)
                                                 : format(worst.least) + " to " + format(worst.greatest));
}

}  // namespace

std::size_t ContradictingCounts::num_nodes() const noexcept {
    std::size_t sum = 0;
    for (const std::size_t number : by_cause) sum += number;
    return sum;
}

void add(ContradictingCounts& to, const ContradictingCounts& from) {
    to.num_dense += from.num_dense;
    for (std::size_t i = 0; i < kNumCountsCauses; ++i) to.by_cause[i] += from.by_cause[i];
    keep_first(to.first, from.first);
}

void models::note(const Tree& tree, std::size_t node, OutOfRange found, PredictionNotices& notices) {
    found.line = tree.line();
    found.node = node;
    if (notices.worst && badness(found) >= badness(*notices.worst)) return;
    found.scope = tree.scope(node);
    notices.worst = std::move(found);
}

void add(PredictionNotices& to, const PredictionNotices& from) {
    to.unseen_operations.insert(from.unseen_operations.begin(), from.unseen_operations.end());
    to.unlike_runs.insert(from.unlike_runs.begin(), from.unlike_runs.end());
    to.num_nodes += from.num_nodes;
    to.num_out_of_range += from.num_out_of_range;
    if (from.worst && (!to.worst || badness(*from.worst) < badness(*to.worst))) to.worst = from.worst;
    add(to.counts, from.counts);
}

std::string to_words(const ContradictingCounts& counts) {
    if (!counts.first) return {};
    const auto* const likeliest = std::max_element(counts.by_cause.begin(), counts.by_cause.end());
    const ContradictingCounts::Example& first = *counts.first;
    return std::to_string(counts.num_nodes()) + " of " + std::to_string(counts.num_dense) +
           " dense products have counts that contradict each other, the first node " +
           in_quotes(first.scope) + " of line " + std::to_string(first.line) + " with num_parameters " +
           format(first.num_parameters) + ", flops " + format(first.flops) + " and mem_bytes " +
           format(first.mem_bytes) + "; likely cause: " +
           std::string(kCauses[static_cast<std::size_t>(likeliest - counts.by_cause.begin())]) +
           ". They are priced by flops and bytes alone, which errs more";
}

std::vector<std::string> to_words(const PredictionNotices& notices) {
    std::vector<std::string> words;
    if (!notices.unseen_operations.empty()) words.push_back(to_words(notices.unseen_operations));
    for (const std::string& reason : notices.unlike_runs)
        words.push_back(reason + ": how far predictions of such runs err is not known");
    if (notices.worst) {
        words.push_back(to_words(*notices.worst, notices.num_out_of_range, notices.num_nodes));
    }
    if (std::string text = to_words(notices.counts); !text.empty()) words.push_back(std::move(text));
    return words;
}

}  // namespace irene
