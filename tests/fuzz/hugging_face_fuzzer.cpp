// Hugging Face configs: what is accepted gives a tree that the reader takes, with the same counts.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "irene/architectures.hpp"
#include "irene/dataset.hpp"
#include "irene/error.hpp"

#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    irene::CountedTree counted;
    try {
        counted = irene::Transformer(text, "input", "model").tree(2, 16);
    } catch (const irene::Error& error) {
        irene::fuzz::require(error.kind() == irene::ErrorKind::data, "a bad config is bad data");
        return 0;
    }
    for (const irene::CountedNode& node : counted.nodes) {
        irene::fuzz::require(node.num_parameters >= 0 && node.own_flops >= 0 && node.own_bytes >= 0 &&
                                 node.flops >= node.own_flops && node.bytes >= node.own_bytes,
                             "counts are not negative");
    }
    if (counted.nodes.size() > 20000) return 0;  // right, but slow
    std::string line;
    irene::append_json(counted, line);
    const irene::Tree tree = irene::parse_tree(line);
    irene::fuzz::require(tree.nodes().size() == counted.nodes.size(), "the reader finds every node");
    return 0;
}
