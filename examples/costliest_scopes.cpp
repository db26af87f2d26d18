// costliest_scopes PREDICTIONS [N]: where the energy of the first tree goes, as a tree of its N (10)
// costliest scopes. Layers that differ only by their number are folded into one line. An example of the
// library's use.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "irene/dataset.hpp"
#include "irene/tree.hpp"

namespace {

/// "root.encoder.11.output" -> "root.encoder.*.output"
std::string fold_layers(std::string_view scope) {
    std::string folded;
    for (std::size_t begin = 0; begin <= scope.size();) {
        const std::size_t end = std::min(scope.find('.', begin), scope.size());
        const std::string_view part = scope.substr(begin, end - begin);
        const bool number = !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
        if (begin > 0) folded += '.';
        folded += number ? "*" : part;
        begin = end + 1;
    }
    return folded;
}

struct Scope {
    std::string name;
    double joules = 0.0;
    int nodes = 0;
};

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 2 || argc > 3) {
        std::fputs("usage: costliest_scopes PREDICTIONS [N]\n", stderr);
        return 64;
    }
    std::ifstream file(argv[1]);
    std::string line;
    std::getline(file, line);
    const irene::Tree tree = irene::parse_tree(line, argv[1]);

    std::map<std::string, std::size_t> number_of;  // in `scopes`, which keeps the order of the tree
    std::vector<Scope> scopes;
    for (std::size_t node = 0; node < tree.nodes.size(); ++node) {
        const std::string name = fold_layers(tree.scope(node));
        const auto [entry, is_new] = number_of.emplace(name, scopes.size());
        if (is_new) scopes.push_back({.name = name});
        scopes[entry->second].joules += tree.nodes[node].predicted_energy;
        ++scopes[entry->second].nodes;
    }

    std::vector<double> by_cost;
    for (const Scope& scope : scopes) by_cost.push_back(scope.joules);
    std::sort(by_cost.rbegin(), by_cost.rend());
    const std::size_t wanted = argc == 3 ? std::strtoul(argv[2], nullptr, 10) : 10;
    const double least = by_cost[std::min(std::max<std::size_t>(wanted, 1), by_cost.size()) - 1];

    std::printf("%s, batch size %lld, length %lld\n", tree.model_name.c_str(),
                static_cast<long long>(tree.batch_size), static_cast<long long>(tree.seq_len));
    for (const Scope& scope : scopes) {
        if (scope.joules < least) continue;
        const auto depth = std::count(scope.name.begin(), scope.name.end(), '.');
        const std::string label = std::string(static_cast<std::size_t>(2 * depth), ' ') +
                                  scope.name.substr(scope.name.rfind('.') + 1) +
                                  (scope.nodes > 1 ? " x " + std::to_string(scope.nodes) : "");
        std::printf("%10.4f J %6.1f %%  %s\n", scope.joules, 100.0 * scope.joules / scopes[0].joules,
                    label.c_str());
    }
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "costliest_scopes: %s\n", error.what());
    return 65;
}
