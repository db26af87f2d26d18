// What cases find in their directories: the fixtures of more than one tool, and what others are made from.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

#include "small_data.hpp"
#include "table.hpp"

namespace irene::tests {

/// Those that cases of more than one file name: data good and bad, predictions, a model, configs.
const Fixtures& common_fixtures();

/// Makes what a command names in braces, of `own` before common_fixtures(); throws where neither has it.
void make_fixtures(const std::filesystem::path& directory, const std::string& command, const Fixtures& own);
std::string without_braces(const std::string& command);

/// Runs a command, which names fixtures as those of cases do, and adds the files that it made.
void add_made_by(const std::string& command, Fixtures& fixtures);

/// config.json and model.json of a model trained on the data, as "model/..." of common_fixtures() has them.
struct TrainedModel {
    std::string config, model;
};
TrainedModel trained_model();

// ---- variants of make_trees(), as lines ----

/// With line 2 changed, or every tree.
std::string with_line_2(const std::function<void(Json&)>& change);
std::string with_all(const std::function<void(Json&)>& change);
/// With `raw` as the value of a key of root.block.norm in line 2, JSON or not.
std::string with_raw(const std::string& key, const std::string& raw);
/// Line `number`, from 1, without its end.
std::string line_of_data(std::size_t number);
/// Predictions that are 10 % off for ML operations, 20 % for modules and right for models.
std::string make_predictions();

std::string replace_once(std::string text, const std::string& from, const std::string& to);

}  // namespace irene::tests
