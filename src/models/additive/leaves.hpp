// The leaves of the additive tree: their terms as functions of the counts, and the fit of one group.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/additive/features.hpp"
#include "models/additive/model.hpp"
#include "numerics/nonnegative_least_squares.hpp"

namespace irene::models {

// Constants of the method. All are free of dimension, so that none belongs to a device.
inline constexpr std::size_t kMaxKnots = 48;  ///< of one axis
inline constexpr double kLinearRidge = 1e-6;  ///< for uniqueness only
inline constexpr double kRampRidge = 1e-3;    ///< prefers the linear terms
inline constexpr double kOwnRidge = 0.1;      ///< pull of a part's coefficients to those of the whole
inline constexpr double kLawRidge = 1e-2;     ///< the same at level all
inline constexpr double kLeastShare = 0.02;   ///< of a price alone, which dense products keep; see the .cpp
inline constexpr double kTailOctave = 2.0;    ///< a curve goes on with its average slope since last / this
inline constexpr double kSameKnot = 1.0 + 1e-6;  ///< values no further apart than this factor share a knot

/// A distinct measurement: nodes of one tree with equal instance type, features, children and energies.
struct Measurement {
    NodeTerms terms;
    double energy = 0.0;           ///< J, as measured
    double children_energy = 0.0;  ///< J, sum over the children, as measured
    double multiplicity = 0.0;
    std::uint32_t signature = 0;  ///< of an inner node, in AdditiveData::signatures

    /// Weight in a fit: nodes that share a measurement count more than one, but not as much as several.
    double weight() const noexcept;
};

using Measurements = std::span<const Measurement* const>;

/// The distinct positive values in ascending order, or, where they are more than kMaxKnots, as many in equal
/// ratios between the least and the greatest. Sorts `values`.
std::vector<double> make_knots(std::vector<double>& values);

/// Ramps over the knots of one axis; see AdditiveLeaves.
class Ramps {
  public:
    Ramps() = default;
    Ramps(std::span<const double> knots, bool has_head);

    std::size_t size() const noexcept { return slopes_.size(); }
    /// out[j] = factor * ramp_j(value), for size() elements; value is not negative.
    void fill(double value, double factor, double* out) const noexcept;

  private:
    std::vector<double> knots_;   // with 0 in front where there is a head
    std::vector<double> slopes_;  // of each ramp past the last knot
};

/// The terms of one group's regressor, ready to be evaluated.
class LeafTerms {
  public:
    LeafTerms(AdditiveLevel level, const AdditiveLeaves& leaves);

    std::size_t num_linear() const noexcept { return num_linear_; }
    std::size_t size() const noexcept {
        return num_linear_ + by_length_.size() + scaled_.size() + plain_.size();
    }
    /// size() values.
    void fill(const NodeTerms& leaf, double* out) const noexcept;

  private:
    AdditiveLevel level_;
    OperationKind kind_;
    bool mirrors_differ_;
    double first_length_ = 1.0;
    std::size_t num_linear_;
    Ramps by_length_;  // of seq_len
    Ramps scaled_;     // of n o, times i
    Ramps plain_;      // of n o, or of bytes
};

/// Terms of fallback_terms().
void fill_fallback_terms(AdditiveLevel level, const NodeTerms& node, double* out) noexcept;

/// What a fit is bound to.
struct LeafBond {
    std::span<const double> prior = {};  ///< of linear terms, as many as there are; empty: they are free
    double ridge = 0.0;                  ///< how strongly they are bound to it
    bool has_curve = true;               ///< whether the measurements are enough for ramps
};

/// Fits a group to `rows`, all of its measurements, of which there is at least one.
AdditiveLeaves fit_leaves(AdditiveLevel level, const std::string& group, bool mirrors_differ,
                          Measurements rows, const InstanceTypes& types, const LeafBond& bond,
                          numerics::NonnegativeLeastSquares& system);

/// Whether dense leaves of `rows`, which are of one tree, have equal operation, flops and bytes but other
/// parameters and another energy.
bool have_differing_mirrors(std::span<const Measurement> rows);

}  // namespace irene::models
