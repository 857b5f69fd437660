// The life of a cell whose parent keeps it: it goes down and comes up as that one says.
#pragma once

#include "runtime/cell_ptr.hpp"
#include "runtime/kin.hpp"
#include "runtime/kind.hpp"
#include <troupe/core/detail/kept_child.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace troupe::runtime {

/// What a kept cell has besides. Belongs to its turn.
struct kept_life {
  std::shared_ptr<const detail::kept_listener> listener;  ///< runs in the parent's turns
  std::uint64_t run = 0;
  std::string culprit;          ///< of a crash: the message whose handler threw
  bool is_up = false;           ///< its parent has been told so
  bool comes_up_later = false;  ///< it says so itself
  bool let_go = false;          ///< its next end is for good
  bool abandoned = false;       ///< its parent is told nothing, but held for it
};

/// What happens to a kept cell, in its own turns.
struct kept_cell {
  /// Down, not launched, with a count for its life.
  static cell_ptr make(const kind& k, detail::birth&& birth, kin family);
  /// One that was never launched ends.
  static void discard(cell& c) noexcept;
  static void come_up(cell& c, std::uint64_t run);
  static void go_down(cell& c, const exit_reason& why, context& ctx);
  static void end(cell& c, const exit_reason& why);
  static void be_killed(cell& c);
  static void be_let_go(cell& c);
  static void be_abandoned(cell& c);
  /// It handles messages from now on; of one that is not kept, nothing.
  static void started(cell& c);
  static void is_up(cell& c);
  /// Its state and its children are gone: true when it stays, down.
  static bool stays(cell& c, const exit_reason& why);
  /// It has ended: true when its parent knows nothing of it any more.
  static bool left_alone(cell& c);
  /// Somebody asked it to stop for good.
  static void asked_to_stop(cell& c, const exit_reason& why, context& ctx);

 private:
  static void tell(cell& c, detail::kept_news news);
};

/// The side of the parent.
class keeper final : public detail::child_keeping {
 public:
  explicit keeper(cell& owner) : owner_(owner) {}

  detail::route keep(detail::birth child, detail::kept_listener listener) override;
  detail::route keep(detail::early_child child, detail::kept_listener listener) override;
  detail::early_child make_early(const detail::route& parent, detail::birth child) override;
  void up(const detail::route& child, std::uint64_t run) override;
  void down(const detail::route& child) override;
  void kill(const detail::route& child) override;
  void let_go(const detail::route& child) override;
  void abandon(const detail::route& child) override;
  void on_stop(std::function<void(context&)> asked) override { asked_ = std::move(asked); }
  void end(exit_reason why) override;
  void escalate() override;
  void comes_up_later() override;
  void is_up() override;

  [[nodiscard]] const std::function<void(context&)>& asked() const noexcept { return asked_; }

 private:
  cell& owner_;
  std::function<void(context&)> asked_;  // to stop
};

}  // namespace troupe::runtime
