#include "architectures/pass.hpp"

#include <algorithm>

namespace irene::architectures {

Pass::Attended Pass::attended(Count window) const {
    const bool has_window = window > 0;
    if (!is_decode()) {
        const Count seen = has_window && is_flash() ? std::min(length, window) : length;
        return {sequences() * length, tokens() * seen};
    }
    // The step after n cached tokens attends to n + 1. The first `growing` steps see fewer than the window
    // holds.
    Count growing = calls;
    if (has_window) growing = std::clamp<std::int64_t>(window.value() - past.value(), 0, calls.value());
    Count seen = growing * past + Count((growing * (growing + 1)).value() / 2);
    if (has_window) seen += Count(calls.value() - growing.value()) * window;
    return {batch * seen, batch * seen};
}

}  // namespace irene::architectures
