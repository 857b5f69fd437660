// A supervision tree as a value: who has which children, in which order, under which policy.
#pragma once

#include <troupe/supervision/policy.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace troupe::supervision {

/// How deep a tree may be, and how many children it may name.
inline constexpr std::size_t max_depth = 64;
inline constexpr std::size_t max_specs = 1'000'000;

/// A child and, if it is a supervisor, what it supervises. How a child is made is no part of it:
/// whoever starts the tree knows that.
struct spec {
  child_policy child;
  std::optional<supervisor_policy> group;  ///< of a supervisor alone
  std::vector<spec> children;              ///< in the order of their start

  friend bool operator==(const spec&, const spec&) = default;
};

[[nodiscard]] spec worker_spec(std::string id);
/// With OTP's default for supervisors: they are waited for without end.
[[nodiscard]] spec group_spec(std::string id, supervisor_policy group,
                              std::vector<spec> children = {});

/// The first thing that is wrong with the tree, with the path of the child and the field:
/// "web/session: significant: …". Nothing of it has to have been started.
[[nodiscard]] result<void> check(const spec& tree);

/// A line a child, below its parent and indented by two spaces.
[[nodiscard]] std::string to_string(const spec& tree);

}  // namespace troupe::supervision
