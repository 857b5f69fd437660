// The parts of a node's supervision tree: each is told of once, and looked at when somebody asks.
#pragma once

#include <troupe/core/supervision_tree.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

namespace troupe::detail {

/// Lines of a tree, up to a number of them.
class tree_lines {
 public:
  explicit tree_lines(std::size_t most) : most_(most) {}
  [[nodiscard]] bool full() const noexcept { return tree_.lines.size() >= most_; }
  void add(tree_line line);
  void leave_out(std::size_t lines) { tree_.left_out += lines; }
  [[nodiscard]] supervision_tree take() && { return std::move(tree_); }

 private:
  std::size_t most_;
  supervision_tree tree_;
};

/// A part of the tree. Any thread.
class tree_source {
 public:
  virtual ~tree_source() = default;
  /// Its line and those below it.
  virtual void write(tree_lines& into, std::uint32_t depth) = 0;
};

/// Whose part it is: of the entities of a behaviour, without an id; of one entity or actor; of the
/// node, without either.
struct tree_owner {
  std::string behaviour;
  std::string id;
  bool entity = false;

  friend auto operator<=>(const tree_owner&, const tree_owner&) = default;
};

/// All parts of one node. Any thread.
class tree_sources {
 public:
  using ticket = std::pair<tree_owner, std::uint64_t>;

  ticket add(tree_owner whose, std::weak_ptr<tree_source> part);
  void remove(const ticket& which);
  /// In the order of their owners, each below its own.
  [[nodiscard]] supervision_tree look(std::size_t most) const;

 private:
  mutable std::mutex mutex_;
  std::uint64_t next_ = 0;
  std::map<ticket, std::weak_ptr<tree_source>> parts_;
};

}  // namespace troupe::detail
