#include "shipped.hpp"

#include <system_error>

namespace irene::apps {

std::vector<std::filesystem::path> shipped_folders() {
    namespace fs = std::filesystem;
    constexpr int kLevels = 4;  // build/PRESET/bin in the checkout
    std::error_code error;
    std::vector<fs::path> folders;
    fs::path above = fs::read_symlink("/proc/self/exe", error).parent_path();
    for (int level = 0; level < kLevels && !above.empty(); ++level, above = above.parent_path()) {
        for (const fs::path& folder : {above / "share/irene", above}) {
            // A folder of this name alone, say /models, is nobody's.
            if (fs::is_directory(folder / "configs/models", error)) folders.push_back(folder);
        }
    }
    return folders;
}

bool is_there(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
}

}  // namespace irene::apps
