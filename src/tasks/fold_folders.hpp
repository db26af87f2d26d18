// Where a cross-validation keeps its folds: the names of their folders, and those that an earlier run left.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace irene::tasks {

/// The files of a fold, beside those of its model.
inline constexpr const char* kFoldPredictions = "predictions.jsonl";
inline constexpr const char* kFoldErrors = "percentage_errors.json";

/// "leave_NAME". What a file name cannot hold, or a shell would trip over, becomes %XX. A name too long for a
/// file name is cut, and ends with "%x" and a hash of the whole: in no other name 'x' follows '%', so that
/// names that differ have folders that differ, but for a chance of 1 in 2^64.
std::string fold_folder(std::string_view left_out);

/// Every file of a fold that there is or may be in the folders that an earlier run left below `parent`.
std::vector<std::filesystem::path> earlier_fold_files(const std::filesystem::path& parent);

/// Removes the folders that an earlier run left below `parent`, but for those called as one of `folders`.
/// Such a folder is called leave_..., holds a model and no other files than those of a fold: whatever
/// somebody has put a file of his own into, stays. Throws Error (cannot_write).
void remove_earlier_folds(const std::filesystem::path& parent, const std::set<std::string>& folders);

}  // namespace irene::tasks
