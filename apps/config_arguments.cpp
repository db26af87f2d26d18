#include "config_arguments.hpp"

#include <algorithm>
#include <vector>

#include "irene/error.hpp"
#include "irene/shipped.hpp"

#include "shipped.hpp"

namespace irene::apps {

namespace {

bool is_size_list(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789:,") == std::string::npos;
}

/// `loose`: the sizes behind a list, each with a comma in front.
[[noreturn]] void refuse_loose_list(const std::string& option, const std::string& list,
                                    const std::string& loose) {
    throw Error(ErrorKind::usage, in_quotes(loose.substr(1)) + " stands behind " + option +
                                      " and is no config file; sizes of one list are separated by commas: " +
                                      option + " " + list + loose);
}

}  // namespace

std::optional<std::filesystem::path> folder_of_configs() {
    return irene::folder_of_configs(shipped_folders());
}

std::vector<std::filesystem::path> device_folders() { return irene::device_folders(shipped_folders()); }

Device device_argument(const std::string& argument, StopFlag stop) {
    return irene::device_argument(argument, shipped_folders(), {.file = "--device"}, stop);
}

std::filesystem::path config_file(const std::string& argument) {
    return irene::config_file(argument, shipped_folders());
}

void refuse_loose_sizes(int argc, const char* const* argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::size_t equals = arguments[i].find('=');
        const std::string option = arguments[i].substr(0, equals);
        std::string spelling = option;
        std::replace(spelling.begin(), spelling.end(), '-', '_');
        if (spelling != "__batch_size" && spelling != "__seq_len") continue;
        std::string list;
        if (equals != std::string::npos) {
            list = arguments[i].substr(equals + 1);
        } else if (i + 1 < arguments.size()) {
            list = arguments[++i];
        }
        std::string loose;
        for (; i + 1 < arguments.size() && is_size_list(arguments[i + 1]) && !is_there(arguments[i + 1]); ++i)
            loose.append(",").append(arguments[i + 1]);
        if (!loose.empty() && is_size_list(list)) {
            refuse_loose_list(option, list, loose);
        }
    }
}

}  // namespace irene::apps
