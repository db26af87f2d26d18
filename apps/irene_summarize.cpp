// irene-summarize: what predictions add up to.
#include <string>
#include <vector>

#include "irene/same_file.hpp"
#include "irene/summarize.hpp"

#include "command_line.hpp"

int main(int argc, char** argv) {
    irene::apps::Tool tool("irene-summarize", "Print what predicted trees cost, and where the energy goes.",
                           {"irene-summarize predictions.jsonl",
                            "irene-predict trees.jsonl - model/ | irene-summarize --by model_name,seq_len",
                            "irene-summarize --by scope --top 10 predictions.jsonl",
                            "irene-summarize --by model_name,role predictions.jsonl",
                            "irene-summarize --by instance_type --unit mJ --format csv predictions.jsonl"});
    std::string input = "-";
    std::vector<std::string> by;
    std::string unit = "J";
    irene::SummaryOptions options;
    tool.add_text("predictions", irene::apps::file_value(),
                  "Predicted trees, JSONL; '-', the default, is standard input", input);
    tool.add_choices("--by",
                     {.placeholder = "KEY,...", .choices = irene::summary_key_names(), .separator = ','},
                     "Keys of rows. Of runs: " + irene::run_keys_in_words() +
                         "; the first three are the default, with what else tells runs apart. Of nodes: "
                         "scope, instance_type, type, phase, and role, which is one for all families. "
                         "Energies are means over the trees with the same keys of runs",
                     by);
    tool.add_whole_number("--top", 1, 1000000000, "Only the N costliest rows",
                          [&options](std::uint64_t value) { options.top = value; });
    tool.add_choice("--unit", {.placeholder = "UNIT", .choices = {"J", "mJ", "Wh", "kWh"}},
                    "J (the default), mJ, Wh or kWh", unit);
    tool.add_flag("--measured", "Sum the measured energies, not the predicted", options.measured);
    tool.add_flag("!--each_layer",
                  "Tell layers apart; otherwise scopes that differ only by a layer's number are one",
                  options.fold_layers);
    tool.add_max_line_bytes();
    tool.add_table_format();

    return tool.run(argc, argv, [&] {
        irene::refuse_outputs_that_are_inputs({input}, {"-"});
        for (const std::string& key : by) options.by.push_back(irene::summary_key_from_name(key).value());
        options.unit = irene::energy_unit_from_name(unit).value();
        options.max_line_bytes = tool.max_line_bytes();
        options.stop = irene::apps::Tool::stop_flag();
        const irene::Table table = irene::summarize(input, options);
        if (table.rows.empty())
            irene::apps::Tool::warn(
                fmt::format("{} holds no tree; the table has no rows", irene::apps::input_name(input)));
        irene::apps::print(irene::to_text(table, tool.table_format()));
        return irene::apps::kDone;
    });
}
