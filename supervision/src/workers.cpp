#include <troupe/supervision/workers.hpp>

#include <set>
#include <string_view>
#include <vector>

namespace troupe::supervision {

namespace {

/// The workers of a tree from top to bottom, each with its birth.
struct matching {
  const std::map<std::string, detail::birth, std::less<>>& known;
  std::vector<detail::birth> births{};
  std::set<std::string_view> used{};
  std::string missing{};

  void look(const spec& at, const std::string& path) {
    for (const spec& child : at.children) {
      const auto here = path.empty() ? child.child.id : path + '/' + child.child.id;
      if (child.group) {
        look(child, here);
        continue;
      }
      auto found = known.find(here);
      if (found == known.end()) found = known.find(child.child.id);
      if (found == known.end()) {
        if (missing.empty()) missing = here;
        continue;
      }
      used.insert(found->first);
      births.push_back(found->second);
      births.back().id = child.child.id;
    }
  }
};

}  // namespace

result<supervisor_spec> workers::in(const spec& tree) const {
  if (const auto fine = check(tree); !fine.ok()) return fine.why();
  if (!tree.group) return {errc::invalid_config, tree.child.id + ": the top is a supervisor"};
  matching all{births_};
  all.look(tree, {});
  if (!all.missing.empty()) {
    return {errc::invalid_config,
            all.missing + ": nobody makes this worker; name its behaviour by workers().make(\"" +
                all.missing + "\", child<…>())"};
  }
  for (const auto& [name, birth] : births_) {
    if (all.used.contains(name)) continue;
    return {errc::invalid_config, name + ": a " + std::string{birth.type->name} +
                                      " is made for it, and the tree has no such worker"};
  }
  return supervisor_spec{tree, std::move(all.births)};
}

}  // namespace troupe::supervision
