// Whole numbers of 64 bits whose sums and products are checked.
#pragma once

#include <cstdint>

namespace irene::architectures {

/// Thrown where a count does not fit; Transformer::tree() makes an Error of it.
struct CountOverflow {};

class Count {
  public:
    constexpr Count() = default;
    constexpr Count(std::int64_t value) : value_(value) {}  // implicit: counts are written as numbers

    constexpr std::int64_t value() const noexcept { return value_; }

    friend constexpr Count operator+(Count a, Count b) {
        std::int64_t sum = 0;
        if (__builtin_add_overflow(a.value_, b.value_, &sum)) throw CountOverflow{};
        return sum;
    }
    friend constexpr Count operator*(Count a, Count b) {
        std::int64_t product = 0;
        if (__builtin_mul_overflow(a.value_, b.value_, &product)) throw CountOverflow{};
        return product;
    }
    constexpr Count& operator+=(Count other) { return *this = *this + other; }
    // clang-tidy 14 takes the 0 that it compares with for a null pointer.
    friend constexpr auto operator<=>(Count a, Count b) = default;  // NOLINT(modernize-use-nullptr)

  private:
    std::int64_t value_ = 0;
};

}  // namespace irene::architectures
