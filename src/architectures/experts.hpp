// Layers that send each token to some of many feed-forwards.
#pragma once

#include <string>

#include "architectures/decoder.hpp"

namespace irene::architectures {

/// The experts that `tokens` tokens are expected to reach, of `number`, where each goes to `active` of them
/// at random: E (1 - (1 - k/E)^tokens). The power is taken by squaring, so that it has the same bits
/// everywhere.
double expected_distinct(Count number, Count active, Count tokens);

/// The module of router and experts that stands in place of the decoder's feed-forward. All products of one
/// kind are one grouped product: the operations of the active experts, and the weights of those that a call
/// reaches.
Part experts_of(const Decoder& decoder, const Pass& pass, const std::string& name);

}  // namespace irene::architectures
