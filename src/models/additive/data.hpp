// A dataset made ready to be fitted to by the additive tree: its distinct measurements.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "irene/dataset.hpp"
#include "irene/notices.hpp"

#include "models/additive/features.hpp"
#include "models/additive/leaves.hpp"
#include "models/additive/model.hpp"
#include "models/additive/self.hpp"

namespace irene::models {

/// What every fit to trees of one dataset reads and none changes; shared by threads. Refers to the dataset.
struct AdditiveData {
    const Dataset& data;
    AdditiveLevel level;
    InstanceTypes types;
    std::vector<Measurement> measurements;       ///< those of one tree stand together
    std::vector<std::size_t> first_measurement;  ///< of each tree, and the number of all at the end
    std::vector<std::size_t> first_node;         ///< of each tree in `of_node`
    std::vector<std::uint32_t> of_node;          ///< the measurement of each node over all trees
    Signatures signatures;
    std::vector<char> differing_mirrors;   ///< of each tree; see have_differing_mirrors()
    std::vector<char> is_partly_measured;  ///< of each tree: whether some node has no measured energy
    ContradictingCounts counts;            ///< over all trees; none at level all, which does not need shapes

    /// Throws Error (data) where a node lacks a feature of the level. A measured energy may be absent.
    AdditiveData(const Dataset& dataset, AdditiveLevel wanted);

    std::span<const Measurement> measurements_of(std::size_t tree) const {
        return std::span(measurements)
            .subspan(first_measurement[tree], first_measurement[tree + 1] - first_measurement[tree]);
    }
};

}  // namespace irene::models
