// A supervision tree with what makes its actors: `one_for_one().children(child<mailer>(), …)`.
#pragma once

#include <troupe/supervision/child_spec.hpp>
#include <troupe/supervision/spec.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace troupe::supervision {

/// A supervisor and its children, as a value: written down here, started elsewhere. By default its
/// id is its strategy, and it is permanent under another supervisor.
class supervisor_spec {
 public:
  explicit supervisor_spec(strategy kind);
  /// A tree with the births of its workers, from top to bottom as it prints.
  supervisor_spec(spec tree, std::vector<detail::birth> births)
      : tree_(std::move(tree)), births_(std::move(births)) {}

  supervisor_spec&& id(std::string id) &&;
  supervisor_spec&& temporary() &&;
  supervisor_spec&& transient() &&;
  supervisor_spec&& significant() &&;
  supervisor_spec&& wait(backoff how) &&;
  /// At most `restarts` within `period`; the default is 3 in 5 s.
  supervisor_spec&& give_up_after(std::size_t restarts, std::chrono::nanoseconds period) &&;
  supervisor_spec&& shut_down_with(auto_shutdown kind) &&;
  /// Of a dynamic supervisor; without a bound by default.
  supervisor_spec&& max_children(std::size_t most) &&;

  /// Behind those that are there, in the order of their start: what `child<T>` gives, and other
  /// supervisors.
  template <class... Children>
  supervisor_spec&& children(Children... all) && {
    (add(std::move(all)), ...);
    return std::move(*this);
  }

  /// The same, one by one: `for (auto& name : names) tree.add(child<channel>(name).id(name));`
  template <class T>
  supervisor_spec& add(child_spec<T> child) & {
    tree_.children.push_back({child.policy(), {}, {}});
    births_.push_back(child.birth());
    return *this;
  }
  supervisor_spec& add(supervisor_spec child) &;

  /// Compares, prints, and is checked by `check`.
  [[nodiscard]] const spec& tree() const noexcept { return tree_; }
  /// How the workers of the tree are made: from top to bottom as it prints.
  [[nodiscard]] const std::vector<detail::birth>& births() const noexcept { return births_; }

 private:
  spec tree_;
  std::vector<detail::birth> births_;
};

[[nodiscard]] supervisor_spec one_for_one();
[[nodiscard]] supervisor_spec one_for_all();
[[nodiscard]] supervisor_spec rest_for_one();
/// For children that are started at run time.
[[nodiscard]] supervisor_spec dynamic_supervisor();

}  // namespace troupe::supervision
