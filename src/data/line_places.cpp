#include "data/line_places.hpp"

#include <string>

#include "irene/error.hpp"

#include "base/hash.hpp"
#include "data/line_blocks.hpp"
#include "data/tree_reader.hpp"

namespace irene::data {

namespace {

bool fit(const PlacesInLines& places, const Dataset& dataset) {
    bool is_same = places.lines.size() == dataset.trees.size();
    for (std::size_t i = 0; is_same && i < dataset.trees.size(); ++i) {
        is_same = places.lines[i].num_nodes == dataset.trees[i].nodes().size() &&
                  places.lines[i].number == dataset.trees[i].line() &&
                  places.lines[i].hash == base::hash_of(dataset.lines[i]);
    }
    return is_same;
}

std::vector<Splice> read_again(TreeReader& reader, const Tree& tree, const std::string& line,
                               const std::string& source) {
    TreeLine read;
    const std::string padded = line + std::string(kPadding, '\0');
    reader.read(std::string_view(padded).substr(0, line.size()), tree.line(), read);
    bool is_same = read.tree.nodes().size() == tree.nodes().size();
    for (std::size_t node = 0; is_same && node < tree.nodes().size(); ++node)
        is_same = read.tree.id(node) == tree.id(node);
    if (!is_same) {
        throw Error(ErrorKind::usage, "the dataset has another tree's line for this tree",
                    {.file = source, .line = tree.line()});
    }
    return read.splices;
}

}  // namespace

std::shared_ptr<const PlacesInLines> places_in_lines(const Dataset& dataset) {
    if (dataset.lines.size() != dataset.trees.size()) {
        throw Error(ErrorKind::usage,
                    "cross-validation writes predictions into the lines of a file, but of " +
                        std::to_string(dataset.trees.size()) + " trees it was given " +
                        std::to_string(dataset.lines.size()) +
                        " lines; read_dataset() keeps them where ReadOptions::keep_text is on",
                    {.file = dataset.source});
    }
    if (dataset.places != nullptr && fit(*dataset.places, dataset)) return dataset.places;
    auto places = std::make_shared<PlacesInLines>();
    TreeReader reader(dataset.source);
    for (std::size_t i = 0; i < dataset.trees.size(); ++i) {
        const Tree& tree = dataset.trees[i];
        places->lines.push_back({tree.nodes().size(), tree.line(), 0,
                                 read_again(reader, tree, dataset.lines[i], dataset.source)});
    }
    return places;
}

}  // namespace irene::data
