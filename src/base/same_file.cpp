#include "irene/same_file.hpp"

#include <optional>
#include <string>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include "irene/error.hpp"

#include "base/files.hpp"

namespace irene {

namespace {

using FileIdentity = std::pair<dev_t, ino_t>;

/// Device and inode of the regular file that a path leads to; where the path is "-", of the descriptor's.
std::optional<FileIdentity> identity_of(const std::filesystem::path& path, int descriptor) {
    struct stat status {};
    const int failed = path == "-" ? ::fstat(descriptor, &status) : ::stat(path.c_str(), &status);
    if (failed != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    return FileIdentity(status.st_dev, status.st_ino);
}

}  // namespace

void refuse_outputs_that_are_inputs(const std::vector<std::filesystem::path>& inputs,
                                    const std::vector<std::filesystem::path>& outputs) {
    for (const std::filesystem::path& output : outputs) {
        const std::optional<FileIdentity> written = identity_of(output, STDOUT_FILENO);
        if (!written) continue;
        for (const std::filesystem::path& input : inputs) {
            if (identity_of(input, STDIN_FILENO) != written) continue;
            throw Error(ErrorKind::usage,
                        "is also the input " + in_quotes(base::display_name(input)) +
                            ", which writing would destroy; choose another output",
                        {.file = output == "-" ? "standard output" : output.string()});
        }
    }
}

}  // namespace irene
