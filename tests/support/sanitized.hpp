// Whether a sanitizer watches: all is slower then, and some of it different.
#pragma once

namespace irene::tests {

#if defined(IRENE_ADDRESS_SANITIZER) || defined(IRENE_THREAD_SANITIZER)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#if defined(IRENE_THREAD_SANITIZER)
/// It holds back a signal while the thread that got it waits for a mutex.
inline constexpr bool kHoldsBackSignals = true;
#else
inline constexpr bool kHoldsBackSignals = false;
#endif

}  // namespace irene::tests
