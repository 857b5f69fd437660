#include <troupe/supervision/spec.hpp>

#include <set>
#include <string_view>
#include <utility>

namespace troupe::supervision {
namespace {

error below(const std::string& path, const error& why) {
  return {why.code, path + ": " + why.what};
}

class checker {
 public:
  result<void> visit(const spec& one, const std::string& path, std::size_t depth) {
    if (depth > max_depth) return wrong(path, "depth: the tree is deeper than 64");
    if (++specs_ > max_specs) return wrong(path, "children: the tree has more than 1000000");
    if (!one.group) {
      return one.children.empty() ? result<void>{}
                                  : wrong(path, "children: a worker has none; name a strategy");
    }
    if (one.child.type != child_type::supervisor) {
      return wrong(path, "type: is worker; who has children is a supervisor");
    }
    if (auto fine = check(*one.group); !fine) return below(path, fine.why());
    if (one.group->strategy == strategy::simple && !one.children.empty()) {
      return wrong(path, "children: under simple they are started at run time");
    }
    return visit_children(one, path, depth);
  }

 private:
  static error wrong(const std::string& path, const std::string& what) {
    return below(path, {errc::invalid_config, what});
  }

  result<void> visit_children(const spec& one, const std::string& path, std::size_t depth) {
    std::set<std::string_view> ids;
    std::size_t place = 0;
    for (const spec& child : one.children) {
      ++place;
      const std::string& id = child.child.id;
      const std::string where = path + '/' + (id.empty() ? "#" + std::to_string(place) : id);
      if (!ids.insert(id).second) return wrong(where, "id: two children have it");
      if (auto fine = check(child.child, *one.group); !fine) return below(where, fine.why());
      if (child.child.type == child_type::supervisor && !child.group) {
        return wrong(where, "strategy: is missing; a supervisor has one");
      }
      if (auto fine = visit(child, where, depth + 1); !fine) return fine;
    }
    return {};
  }

  std::size_t specs_ = 0;
};

void print(const spec& one, std::size_t depth, std::string& to) {
  to.append(2 * depth, ' ').append(to_string(one.child));
  if (one.group) to.append("; ").append(to_string(*one.group));
  to += '\n';
  for (const spec& child : one.children) print(child, depth + 1, to);
}

}  // namespace

spec worker_spec(std::string id) {
  spec one;
  one.child.id = std::move(id);
  return one;
}

spec group_spec(std::string id, supervisor_policy group, std::vector<spec> children) {
  spec one = worker_spec(std::move(id));
  one.child.type = child_type::supervisor;
  one.child.shutdown = shutdown::infinity();
  one.group = group;
  one.children = std::move(children);
  return one;
}

result<void> check(const spec& tree) {
  // Whether the root may be significant is its own parent's affair.
  supervisor_policy outside;
  outside.auto_shutdown = auto_shutdown::any_significant;
  const std::string path = tree.child.id.empty() ? "#1" : tree.child.id;
  if (auto fine = check(tree.child, outside); !fine) return below(path, fine.why());
  return checker{}.visit(tree, path, 1);
}

std::string to_string(const spec& tree) {
  std::string text;
  print(tree, 0, text);
  return text;
}

}  // namespace troupe::supervision
