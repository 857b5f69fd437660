// A supervision tree that runs, whoever runs it: what happens in it is told line by line.
#pragma once

#include "oracle/tree_case.hpp"

#include <string>

namespace oracle {

/// Traces are lines: `up`, `fail`, `failed` and `down` in the order in which it happened, the reply
/// to a call, and then what is there, supervisor by supervisor.
class supervised_tree {
 public:
  virtual ~supervised_tree() = default;

  /// Forgets the tree before. Each call returns when nothing is left to happen.
  [[nodiscard]] virtual std::string start(const tree_case& of) = 0;
  [[nodiscard]] virtual std::string apply(const tree_step& step) = 0;
  [[nodiscard]] virtual std::string stop() = 0;
};

/// The traces of the start, of all steps, and of the stop. Neighbouring ends of dynamic children,
/// which have no order, are put in one.
[[nodiscard]] std::vector<std::string> run(supervised_tree& tree, const tree_case& one);

}  // namespace oracle
