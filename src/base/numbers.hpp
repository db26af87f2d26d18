// Numbers as text, the same in every locale.
#pragma once

#include <string>

namespace irene::base {

/// Appends the shortest decimal that reads back as `value`, with a point or an exponent in it.
void append_number(std::string& out, double value);

/// For people: up to so many digits that count, as printf's %g.
std::string format(double value, int digits);

/// So many decimals, as printf's %f: half to even on the exact value.
std::string format_fixed(double value, int decimals);

}  // namespace irene::base
