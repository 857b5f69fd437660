// A tree of policies with what makes its actors, shared by all lives of its supervisors.
#pragma once

#include <troupe/supervision/supervisor_spec.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace troupe::supervision {

/// A child: a worker with its birth, or a supervisor with its children.
struct branch {
  child_policy child{};
  std::optional<supervisor_policy> group{};
  detail::birth birth{};
  std::vector<std::shared_ptr<const branch>> children{};
};
using branch_ptr = std::shared_ptr<const branch>;

[[nodiscard]] branch_ptr branch_of(const supervisor_spec& tree);

}  // namespace troupe::supervision
