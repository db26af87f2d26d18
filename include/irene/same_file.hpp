// Outputs that are inputs: writing the one would destroy the other, or never end.
#pragma once

#include <filesystem>
#include <vector>

namespace irene {

/// Refuses an output that is one of the inputs: the same regular file, by device and inode, whatever names,
/// links or redirections lead to it. "-" is standard input among the inputs and standard output among the
/// outputs. What does not exist yet is no input, and pipes, terminals and devices may be both. To be called
/// before anything is read or written. Throws Error (usage).
void refuse_outputs_that_are_inputs(const std::vector<std::filesystem::path>& inputs,
                                    const std::vector<std::filesystem::path>& outputs);

}  // namespace irene
