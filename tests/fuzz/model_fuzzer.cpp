// Model files: the first line is the config, the rest is model.json. What is accepted predicts a tree, or
// refuses it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "irene/architectures.hpp"
#include "irene/config.hpp"
#include "irene/error.hpp"
#include "irene/tasks.hpp"

#include "changed_tree.hpp"
#include "models/model_file.hpp"
#include "require.hpp"

namespace {

const irene::Tree& tree() {
    static const irene::Tree tree = [] {
        irene::Tree tree =
            irene::Transformer(R"({"model_type": "bert", "num_hidden_layers": 1})", "config", "model")
                .tree(2, 16);
        return irene::tests::changed(tree, [](std::size_t, irene::NewNode& node) {
            for (double& feature : node.features) {  // those that only a measurement has
                if (irene::is_absent(feature)) feature = 1.5;
            }
        });
    }();
    return tree;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    const std::size_t end = std::min(text.find('\n'), text.size());
    try {
        const irene::Config config = irene::parse_config(text.substr(0, end), "config");
        const irene::Model model = irene::models::parse_model(config, text.substr(end), "model");
        irene::fuzz::require(irene::Predictor(model).predict(tree()).joules.size() == tree().nodes().size(),
                             "every node is predicted");
        (void)irene::explain(model);
        (void)irene::explain_json(model);
    } catch (const irene::Error&) {
    }
    return 0;
}
