#include <troupe/core/detail/mixing.hpp>
#include <troupe/supervision/partition_supervisor.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace troupe::supervision {
namespace {

std::invalid_argument wrong(const std::string& what) {
  return std::invalid_argument{"troupe: partitioned: " + what};
}

bool is_partition(const spec& child, std::size_t place) {
  return child.group && child.group->strategy == strategy::simple &&
         child.child.id == std::to_string(place);
}

result<void> check_partitions(const spec& tree) {
  const auto refuse = [&tree](const std::string& why) {
    return error{errc::invalid_config,
                 tree.child.id + ": " + why + "; partitioned(dynamic_supervisor(), 8) makes such"};
  };
  if (tree.children.empty()) return refuse("children: it has no partitions");
  for (std::size_t i = 0; i < tree.children.size(); ++i) {
    const spec& child = tree.children[i];
    if (!is_partition(child, i)) {
      return refuse("children: '" + child.child.id + "' is not partition " + std::to_string(i));
    }
  }
  return {};
}

}  // namespace

supervisor_spec partitioned(supervisor_spec part, std::size_t count) {
  if (part.tree().group->strategy != strategy::simple) {
    throw wrong("a part is a dynamic_supervisor(), and '" + part.tree().child.id + "' is " +
                std::string{to_string(part.tree().group->strategy)});
  }
  if (count == 0 || count > max_partitions) {
    throw wrong(std::to_string(count) + " partitions; there may be 1 to " +
                std::to_string(max_partitions));
  }
  auto all = one_for_one().id("partitioned");
  for (std::size_t i = 0; i < count; ++i) {
    all.add(supervisor_spec{part}.id(std::to_string(i)));
  }
  return all;
}

// FNV-1a, mixed.
std::size_t partition_of(std::string_view key, std::size_t count) noexcept {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return detail::mixed(hash) % count;
}

std::size_t partition_of(std::uint64_t key, std::size_t count) noexcept {
  return detail::draw(key) % count;
}

result<partitions> partitions::start(node& on, const supervisor_spec& tree,
                                     std::chrono::nanoseconds time) {
  if (const auto fine = check_partitions(tree.tree()); !fine.ok()) return fine.why();
  const auto top = supervisor::start(on, tree, time);
  if (!top) return top.why();
  return find(*top);
}

result<partitions> partitions::find(const supervisor& top) {
  const auto children = top.which_children();
  if (!children) return children.why();
  if (children->empty()) return {errc::refused, "the supervisor has no partitions"};
  partitions found{top};
  for (std::size_t i = 0; i < children->size(); ++i) {
    auto part = top.group(std::to_string(i));
    if (!part) return {part.code(), "no partition " + std::to_string(i) + ": " + part.why().what};
    found.parts_.push_back(std::move(*part));
  }
  return found;
}

}  // namespace troupe::supervision
