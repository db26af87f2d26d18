#include "tasks/folds.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "irene/error.hpp"

#include "base/files.hpp"
#include "base/json.hpp"
#include "data/run_keys.hpp"
#include "tasks/fold_folders.hpp"

namespace irene {

namespace {

std::string group_of(const Tree& tree, const std::string& source, const CrossvalidateOptions& options) {
    if (options.group_by) return data::to_text(tree.run(*options.group_by));
    for (const auto& [group, members] : options.groups) {
        if (std::find(members.begin(), members.end(), tree.model_name()) != members.end()) return group;
    }
    throw Error(ErrorKind::data, in_quotes(tree.model_name()) + " is in none of the groups",
                {.file = source, .line = tree.line(), .field = "model_name"});
}

}  // namespace

std::vector<tasks::Fold> tasks::make_folds(const Dataset& data, const std::filesystem::path& parent,
                                           const CrossvalidateOptions& options) {
    if (!options.group_by && options.groups.empty())
        throw Error(ErrorKind::usage, "cross-validation needs a key or groups of models to fold by");
    const std::string grouped_by(options.group_by ? name(*options.group_by) : "groups");
    if (grouped_by.empty()) throw Error(ErrorKind::usage, "a run has no such key to fold by");
    std::vector<Fold> folds;
    std::set<std::string> folders;
    for (std::size_t tree = 0; tree < data.trees.size(); ++tree) {
        const std::string group = group_of(data.trees[tree], data.source, options);
        auto fold =
            std::find_if(folds.begin(), folds.end(), [&](const Fold& f) { return f.left_out == group; });
        if (fold == folds.end()) {
            const std::string folder = tasks::fold_folder(group);
            if (group == kOverall || !folders.insert(folder).second) {
                throw Error(
                    ErrorKind::data,
                    group == kOverall
                        ? "no fold can be called 'overall', as the report's last row is; rename it"
                        : "would share the folder " + in_quotes(folder) + " with another fold; rename it",
                    {.file = data.source, .line = data.trees[tree].line(), .field = grouped_by});
            }
            fold = folds.insert(folds.end(), Fold{});
            fold->left_out = group;
            fold->folder = parent / folder;
        }
        fold->held_out.push_back(tree);
    }
    if (folds.size() < 2) {
        throw Error(
            ErrorKind::data,
            "cross-validation leaves out one group at a time and needs at least two; all trees are of " +
                grouped_by + " " + in_quotes(folds.empty() ? "" : folds[0].left_out),
            {.file = data.source});
    }
    for (Fold& fold : folds) {
        for (std::size_t tree = 0; tree < data.trees.size(); ++tree) {
            if (!std::binary_search(fold.held_out.begin(), fold.held_out.end(), tree))
                fold.training.push_back(tree);
        }
    }
    return folds;
}

ModelGroups load_model_groups(const std::filesystem::path& path, StopFlag stop) {
    const std::string source = base::display_name(path);
    const base::Json json =
        base::parse_document(base::read_document(path, ErrorKind::usage, stop), ErrorKind::usage, source);
    if (!json.is_object() || json.empty()) {
        throw Error(ErrorKind::usage, "expected an object of lists of model names", {.file = source});
    }
    ModelGroups groups;
    std::set<std::string> seen;
    for (const auto& [group, members] : json.items()) {
        const Place place{.file = source, .field = group};
        if (group.empty()) throw Error(ErrorKind::usage, "a group needs a name", {.file = source});
        if (group == tasks::kOverall) {
            throw Error(ErrorKind::usage,
                        "no group can be called 'overall', as the report's last row is; rename it",
                        {.file = source});
        }
        if (!members.is_array() || members.empty()) {
            throw Error(ErrorKind::usage, "expected a list of model names, found " + base::kind_of(members),
                        place);
        }
        for (const base::Json& member : members) {
            if (!member.is_string()) {
                throw Error(ErrorKind::usage, "expected model names, found " + base::kind_of(member), place);
            }
            const auto model_name = member.get<std::string>();
            if (!seen.insert(model_name).second) {
                throw Error(ErrorKind::usage, in_quotes(model_name) + " stands twice", place);
            }
            groups[group].push_back(model_name);
        }
    }
    return groups;
}

}  // namespace irene
