// Children whose every start and end their parent decides: what supervisors need of the engine.
#pragma once

#include <troupe/core/behaviour.hpp>
#include <troupe/core/detail/route.hpp>
#include <troupe/core/exit_reason.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace troupe {
class context;
}

namespace troupe::detail {

/// What became of one start of a kept child.
struct kept_news {
  enum class kind : std::uint8_t {
    started,  ///< it handles messages
    failed,   ///< its constructor or `started` threw, or it ended in it
    ended,    ///< it was up, and is down
  };
  kind what = kind::started;
  std::uint64_t run = 0;  ///< as `up` was told
  exit_reason why;
  std::string message;  ///< of a crash: whose handler threw
};

/// Runs in the parent's turns, in order, while the parent is up.
using kept_listener = std::function<void(const kept_news&, context&)>;

/// A kept child before its parent has it: messages to it wait already. When nobody keeps it, they
/// are answered `stopped` as this goes. Any thread, one at a time.
class early_child {
 public:
  using discarder = void (*)(const route& where) noexcept;

  explicit early_child(route where, discarder discard = nullptr)
      : where_(std::move(where)), discard_(discard) {}
  early_child(early_child&& other) noexcept
      : where_(std::move(other.where_)), discard_(std::exchange(other.discard_, nullptr)) {}
  early_child& operator=(early_child&&) = delete;
  ~early_child() {
    if (discard_) discard_(where_);
  }

  [[nodiscard]] const route& where() const noexcept { return where_; }
  /// It is kept from now on.
  [[nodiscard]] route take() && {
    discard_ = nullptr;
    return std::move(where_);
  }

 private:
  route where_;
  discarder discard_;
};

/// In the turns of the parent.
///
/// A kept child is down at first: it has an address and a mailbox, in which messages wait, but no
/// state. It comes up when it is told to and goes down when it stops, crashes or is told to; its
/// own children end before it is down. Whoever watches it hears of its end when it is let go.
class child_keeping {
 public:
  virtual route keep(birth child, kept_listener listener) = 0;
  virtual route keep(early_child child, kept_listener listener) = 0;
  /// For another actor of this node to keep; any actor may make one. Throws std::logic_error when
  /// that one belongs to another node.
  [[nodiscard]] virtual early_child make_early(const route& parent, birth child) = 0;
  /// One that is down comes up: its listener is told whether it did.
  virtual void up(const route& child, std::uint64_t run) = 0;
  /// After the message that is running, with its `stopping`.
  virtual void down(const route& child) = 0;
  /// The same without `stopping`, as `killed`. A handler that never returns cannot be killed.
  virtual void kill(const route& child) = 0;
  /// Ends it for good, as soon as it is down.
  virtual void let_go(const route& child) = 0;
  /// It is no child of this actor any more, which need not wait for its handler to return; then it
  /// is killed for good.
  virtual void abandon(const route& child) = 0;

  // Of this actor itself, if it is kept, or a parent of such.
  /// From now on this is called instead when it is asked to stop, and ends it by `end`.
  virtual void on_stop(std::function<void(context&)> asked) = 0;
  virtual void end(exit_reason why) = 0;
  /// When it ends now, its parent crashes with it, unless that one keeps it.
  virtual void escalate() = 0;
  /// It tells by `is_up` when it has started; before that its end is a failure.
  virtual void comes_up_later() = 0;
  virtual void is_up() = 0;

 protected:
  ~child_keeping() = default;
};

}  // namespace troupe::detail
