// Configs: what is accepted is valid, and reads back equal from what is written.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "irene/config.hpp"
#include "irene/error.hpp"

#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    irene::Config config;
    try {
        config = irene::parse_config(text, "input");
    } catch (const irene::Error& error) {
        irene::fuzz::require(error.kind() == irene::ErrorKind::usage, "a bad config is refused as one");
        return 0;
    }
    config.validate();
    irene::fuzz::require(irene::parse_config(irene::to_json(config), "written") == config,
                         "a config reads back equal");
    return 0;
}
