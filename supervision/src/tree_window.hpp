// Where one supervisor can be looked at while it runs, and also between two lives of it.
#pragma once

#include "supervisor_probe.hpp"
#include "tree_sources.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace troupe::supervision {

class supervisor_actor;

/// Belongs to a place in a tree; the supervisor that runs there now opens it. Its lock is held for
/// each change of what can be seen, and never while anything else is called. Any thread.
class tree_window final : public detail::tree_source {
 public:
  explicit tree_window(std::string name) : name_(std::move(name)) {}

  void open(const supervisor_actor& now) {
    const std::lock_guard lock{mutex_};
    whose_ = &now;
  }
  void close() {
    const std::lock_guard lock{mutex_};
    whose_ = nullptr;
  }
  [[nodiscard]] std::unique_lock<std::mutex> change() { return std::unique_lock{mutex_}; }

  /// Of one without a supervisor above it.
  void write(detail::tree_lines& into, std::uint32_t depth) override;
  void write_below(detail::tree_lines& into, std::uint32_t depth);

 private:
  const std::string name_;
  std::mutex mutex_;
  const supervisor_actor* whose_ = nullptr;
};

/// What a supervisor is told of where it is.
struct place_in_tree {
  std::string path;  ///< as reports call it; below that of its owner
  std::shared_ptr<tree_window> window;
  bool is_top = false;                ///< no supervisor is above it
  supervisor_probe* probe = nullptr;  ///< but in tests

  [[nodiscard]] static place_in_tree on_top(const std::string& name);
  [[nodiscard]] place_in_tree below(std::shared_ptr<tree_window> its,
                                    const std::string& name) const;
};

}  // namespace troupe::supervision
