#include "data/roles.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "base/lower.hpp"

namespace irene::data {

namespace {

/// Calls take(word) for each word of a text that blanks part.
template <typename Take>
void for_each_word(std::string_view text, const Take& take) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        take(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

Role first_row_of(std::string_view role) {
    const auto* row =
        std::find_if(kRoles.begin(), kRoles.end(), [role](const RoleRow& of) { return of.role == role; });
    return static_cast<Role>(row - kRoles.begin());
}

/// A spelling of the table, taken apart.
struct Spelling {
    std::string_view parent_role = {}, parent_name = {};  ///< empty where any will do
    std::size_t size = 0;                                 ///< of the whole spelling
    NodesOf nodes = NodesOf::all;
    Role role = kNoRole;
};

/// The table, ready to be asked.
struct Index {
    std::unordered_map<std::string_view, std::vector<Spelling>> names;  // by the last part, the longest first
    std::vector<std::pair<std::string_view, Spelling>> classes;         // the longest first

    Index() {
        for (const RoleRow& row : kRoles) {
            const Role role = first_row_of(row.role);
            for_each_word(row.names, [&](std::string_view word) {
                Spelling spelling{.size = word.size(), .nodes = row.nodes, .role = role};
                const std::size_t first = word.find('/'), last = word.rfind('/');
                if (first != std::string_view::npos) {
                    spelling.parent_role = word.substr(0, first);
                    if (last > first) spelling.parent_name = word.substr(first + 1, last - first - 1);
                    word.remove_prefix(last + 1);
                }
                names[word].push_back(spelling);
            });
            for_each_word(row.classes, [&](std::string_view word) {
                classes.emplace_back(word, Spelling{.size = word.size(), .nodes = row.nodes, .role = role});
            });
        }
        for (auto& [name, spellings] : names) {
            std::stable_sort(spellings.begin(), spellings.end(),
                             [](const Spelling& a, const Spelling& b) { return a.size > b.size; });
        }
        std::stable_sort(classes.begin(), classes.end(),
                         [](const auto& a, const auto& b) { return a.second.size > b.second.size; });
    }
};

bool is_of(NodesOf nodes, bool is_operation) {
    return nodes == NodesOf::all || (nodes == NodesOf::operations) == is_operation;
}

/// Whether a role is `whole` or a part of it.
bool is_within(std::string_view role, std::string_view whole) {
    return role.starts_with(whole) && (role.size() == whole.size() || role[whole.size()] == '.');
}

/// "dense" of "root.encoder.0.dense"; "#" of any number.
std::string_view last_part(std::string_view scope) {
    scope.remove_prefix(scope.rfind('.') + 1);  // npos + 1 is 0
    return !scope.empty() && scope.find_first_not_of("0123456789") == std::string_view::npos ? "#" : scope;
}

bool is_class(std::string_view instance_type, std::string_view spelling) {
    const bool always_whole = spelling[0] >= 'a' && spelling[0] <= 'z';
    if (instance_type.size() > spelling.size()) return !always_whole && instance_type.ends_with(spelling);
    return std::equal(instance_type.begin(), instance_type.end(), spelling.begin(), spelling.end(),
                      [](char a, char b) { return base::lower(a) == base::lower(b); });
}

const Index& table() {
    static const Index index;
    return index;
}

Role role_of(const Tree& tree, std::size_t node, Role parent_role) {
    const bool is_operation = tree.is_leaf(node);
    if (const auto named = table().names.find(last_part(tree.scope(node))); named != table().names.end()) {
        const auto parent = static_cast<std::size_t>(tree.nodes()[node].parent);
        for (const Spelling& spelling : named->second) {
            if (is_of(spelling.nodes, is_operation) &&
                (spelling.parent_role.empty() || is_within(role_name(parent_role), spelling.parent_role)) &&
                (spelling.parent_name.empty() || last_part(tree.scope(parent)) == spelling.parent_name))
                return spelling.role;
        }
    }
    return role_of_class(tree.instance_type(node), is_operation);
}

}  // namespace

Role role_of_class(std::string_view instance_type, bool is_operation) {
    for (const auto& [end, spelling] : table().classes) {
        if (is_of(spelling.nodes, is_operation) && is_class(instance_type, end)) return spelling.role;
    }
    return kNoRole;
}

std::vector<Role> roles_of(const Tree& tree) {
    std::vector<Role> roles(tree.nodes().size(), kNoRole);
    roles[0] = first_row_of("model");
    for (std::size_t node = 1; node < roles.size(); ++node)
        roles[node] = role_of(tree, node, roles[static_cast<std::size_t>(tree.nodes()[node].parent)]);
    return roles;
}

}  // namespace irene::data
