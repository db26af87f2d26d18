// Manual pages and shell completions of a tool, from the options that --help prints.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace irene::apps {

/// A page for man(1). Its date is today, or what SOURCE_DATE_EPOCH says.
std::string man_page(const CLI::App& tool);

/// Scripts that complete options, their values and files.
std::string bash_completion(const CLI::App& tool);
std::string zsh_completion(const CLI::App& tool);
std::string fish_completion(const CLI::App& tool);

}  // namespace irene::apps
