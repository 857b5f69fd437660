// Trees of real supervisors on a real node, with workers that end as a case says.
#pragma once

#include "oracle/stage.hpp"
#include "oracle/supervised_tree.hpp"
#include <troupe/core.hpp>
#include <troupe/supervision.hpp>

#include <optional>
#include <string>

namespace oracle {

/// Waits for nothing but answers: a tree is at rest when all that its supervisors say, one after
/// another, is so, and nothing has happened meanwhile.
class running_supervisors : public supervised_tree {
 public:
  running_supervisors();

  [[nodiscard]] std::string start(const tree_case& of) override;
  [[nodiscard]] std::string apply(const tree_step& step) override;
  [[nodiscard]] std::string stop() override;

 private:
  [[nodiscard]] child_spec<actor> worker_of(const child_policy& policy);
  [[nodiscard]] supervisor_spec group_of(const spec& tree);
  [[nodiscard]] std::string end(const std::string& id, exit_kind how);
  [[nodiscard]] std::string call(const tree_step& step);
  [[nodiscard]] troupe::result<void> call(const supervisor& whom, const tree_step& step);
  [[nodiscard]] troupe::result<void> start_child(const supervisor& whom, const spec& child);
  [[nodiscard]] std::string settle(const std::string& reply);
  /// What there is from here on; none: something goes on.
  [[nodiscard]] std::optional<std::string> look_at(const supervisor& group,
                                                   const std::string& path);
  [[nodiscard]] std::optional<bool> is_there(const child_info& child,
                                             const std::string& path) const;

  stage stage_;
  troupe::node node_;  // ends before what its actors know
  tree_case case_;
  std::optional<supervisor> root_;
};

}  // namespace oracle
