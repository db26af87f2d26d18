// What nodes of an additive tree cost: its coefficients made ready to price leaves and self energies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "irene/tree.hpp"

#include "models/additive/features.hpp"
#include "models/additive/leaves.hpp"
#include "models/additive/model.hpp"

namespace irene::models {

/// A model made ready to price nodes. Refers to the model, whose vectors must have the sizes that its level
/// asks for. For one thread.
class AdditivePrices {
  public:
    explicit AdditivePrices(const AdditiveModel& model);

    /// How a group of leaves is priced; null where training had none.
    struct Regressor {
        const LeafTerms* terms = nullptr;
        const std::vector<double>* coefficients = nullptr;
        const TrainingRange* range = nullptr;
    };
    /// What the model knows about an instance type; null where nothing.
    struct Known {
        Regressor leaf;
        Regressor counted;  ///< of dense products, by flops and bytes; see kCountedGroup
        const std::vector<double>* class_coefficients = nullptr;
        const TrainingRange* class_range = nullptr;

        /// Whether training had leaves of this kind.
        bool has_operation() const noexcept { return leaf.terms != nullptr || counted.terms != nullptr; }
        /// The regressor of a leaf: by its shape where it has one and training had such, else by its counts.
        const Regressor& of(const NodeTerms& node) const noexcept {
            const bool has_shape = node.counts_cause == CountsCause::none;
            return has_shape && (leaf.terms != nullptr || counted.terms == nullptr) ? leaf : counted;
        }
    };
    /// `types` must be the same object, and numbers in it mean the same, in all calls.
    const Known& known(std::uint32_t instance_type, const InstanceTypes& types);

    /// Joules of a leaf; at least 0.
    double leaf_energy(const NodeTerms& leaf, const Regressor& regressor);
    /// How the self energy of an inner node is priced.
    struct SelfPrice {
        const std::vector<double>* coefficients = nullptr;
        bool is_known = true;  ///< whether training had its class, or one with a like list of children
    };
    /// `signature_of` gives the node's signature as TreeTerms does, which a known class does not need. Valid
    /// until the next call.
    template <typename SignatureOf>
    SelfPrice self_price(const NodeTerms& node, const Known& known, const InstanceTypes& types,
                         const SignatureOf& signature_of) {
        if (known.class_coefficients != nullptr) return {known.class_coefficients};
        if (model_.classes.empty()) return {&model_.self};
        return price_of_like(node.ratio(), signature_of(), types);
    }
    /// Joules of the inner node beyond its children, before the guard.
    double self_energy(const NodeTerms& node, const SelfPrice& price);

    /// The classes whose prices an unseen class shares: those that were trained on a like list of children.
    std::vector<const AdditiveClass*> classes_like(double ratio, std::span<const std::uint32_t> signature,
                                                   const InstanceTypes& types);

  private:
    SelfPrice price_of_like(double ratio, std::span<const std::uint32_t> signature,
                            const InstanceTypes& types);

    const AdditiveModel& model_;
    Regressor regressor_of(const std::string& group, const std::string& operation,
                           const std::string& range) const;

    std::vector<LeafTerms> leaf_terms_;  // of each group
    std::vector<std::optional<Known>> known_;
    std::vector<double> terms_, mean_;
    std::vector<std::string> names_;
};

/// Adds up: energies[node] holds the energy of a leaf or the self energy of an inner node, and receives the
/// energy of the node. The guard keeps E at least half the sum of the children.
void add_up(const Tree& tree, std::span<double> energies);

}  // namespace irene::models
