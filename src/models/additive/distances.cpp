#include "models/additive/distances.hpp"

#include <algorithm>
#include <cmath>

namespace irene::models {

namespace {

constexpr std::size_t index_of(Direction direction) { return static_cast<std::size_t>(direction); }
constexpr auto kSizes = index_of(Direction::sizes);
constexpr auto kOperations = index_of(Direction::operations);
constexpr auto kUnseenOperation = index_of(Direction::unseen_operation);
constexpr auto kUnseenClass = index_of(Direction::unseen_class);
constexpr auto kUnseenDenseName = index_of(Direction::unseen_dense_name);
/// Those that an inner node has from what lies below it.
constexpr std::array kInherited{kSizes, kUnseenOperation, kUnseenClass, kUnseenDenseName};

bool is_dense(const NodeTerms& leaf, const InstanceTypes& types) {
    return types.kind(leaf.instance_type) == OperationKind::dense;
}

}  // namespace

void add_to_support(const Tree& tree, std::span<const NodeTerms* const> terms, const InstanceTypes& types,
                    Support& support) {
    support.add_run(tree);
    std::vector<double> num_leaves;
    count_leaves(tree, num_leaves);
    for (std::size_t node = 0; node < terms.size(); ++node) {
        const NodeTerms& own = *terms[node];
        if (!own.is_leaf) {
            support.operations[static_cast<std::size_t>(own.type)].extend(num_leaves[node]);
        } else if (is_dense(own, types)) {
            support.dense_names.insert(types.name(own.instance_type));
            if (!own.is_dense) continue;
            support.smaller_size.extend(std::min(own.inner_size, own.outer_size));
            support.greater_size.extend(std::max(own.inner_size, own.outer_size));
        }
    }
}

bool DistanceMeter::has_dense_name(std::uint32_t instance_type, const InstanceTypes& types) {
    enum : char { kUnknown, kYes, kNo };
    if (instance_type >= has_dense_name_.size()) has_dense_name_.resize(types.size(), kUnknown);
    char& known = has_dense_name_[instance_type];
    if (known == kUnknown) known = support_.dense_names.contains(types.name(instance_type)) ? kYes : kNo;
    return known == kYes;
}

void DistanceMeter::measure(const Tree& tree, std::span<const NodeTerms* const> terms,
                            std::span<const double> energies, std::span<const char> is_unseen,
                            const InstanceTypes& types, std::vector<NodeDistances>& out) {
    const Distances of_run = run_distances(support_, tree);
    out.assign(terms.size(), {});
    shares_.assign(terms.size(), {});
    count_leaves(tree, num_leaves_);
    // From the back, sums over the children, in joules, are complete when a node is met.
    for (std::size_t node = terms.size(); node-- > 0;) {
        const NodeTerms& own = *terms[node];
        Distances& distances = out[node].distances;
        std::array<double, kNumKindsOfWork>& shares = shares_[node];
        const double energy = energies[node];
        if (own.is_leaf) {
            if (is_dense(own, types)) {
                if (own.is_dense) {
                    distances[kSizes] =
                        std::max(support_.smaller_size.distance(std::min(own.inner_size, own.outer_size)),
                                 support_.greater_size.distance(std::max(own.inner_size, own.outer_size)));
                }
                if (is_unseen[node] == 0 && !has_dense_name(own.instance_type, types))
                    distances[kUnseenDenseName] = 1.0;
            }
            if (is_unseen[node] != 0) distances[kUnseenOperation] = 1.0;
            if (is_carried_)
                shares[static_cast<std::size_t>(kind_of_work(types.kind(own.instance_type)))] = 1.0;
        } else {
            // Errors of one class or operation are the same wherever it stands, and add up; those of a
            // module's own class are other ones.
            if (is_unseen[node] != 0)
                distances[kUnseenClass] =
                    std::sqrt(distances[kUnseenClass] * distances[kUnseenClass] + energy * energy);
            const double per_joule = energy > 0.0 ? 1.0 / energy : 0.0;
            for (const std::size_t direction : kInherited) distances[direction] *= per_joule;
            if (is_carried_) {
                double below = 0.0;
                for (const double share : shares) below += share;
                shares[static_cast<std::size_t>(KindOfWork::self)] += energy - below;
                for (double& share : shares) share *= per_joule;
            }
            distances[kOperations] =
                support_.operations[static_cast<std::size_t>(own.type)].distance(num_leaves_[node]);
        }
        if (node > 0) {
            const auto parent = static_cast<std::size_t>(tree.nodes()[node].parent);
            for (const std::size_t direction : kInherited)
                out[parent].distances[direction] += energy * distances[direction];
            for (std::size_t kind = 0; is_carried_ && kind < kNumKindsOfWork; ++kind)
                shares_[parent][kind] += energy * shares[kind];
        }
        for (std::size_t direction = 0; direction < kSizes; ++direction)
            distances[direction] = of_run[direction];
        for (std::size_t i = 0; is_carried_ && i < kNumKindsOfWork; ++i) {
            for (std::size_t j = 0; j < kNumKindsOfWork; ++j)
                out[node].carried += shares[i] * carried_[i][j] * shares[j];
        }
    }
}

}  // namespace irene::models
