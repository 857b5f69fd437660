// A cell: one actor's state, mailbox and life, from its start over restarts to its end.
#pragma once

#include "runtime/cell_ptr.hpp"
#include "runtime/host.hpp"
#include "runtime/mpsc.hpp"
#include <troupe/core/behaviour.hpp>
#include <troupe/core/context.hpp>
#include <troupe/core/detail/route.hpp>
#include <troupe/core/exit_reason.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace troupe::runtime {

class cell_services;

/// Is told, on the cell's worker, that a cell has ended, and gets what its mailbox still held
/// (oldest first, linked by `next`; may be null), which it must pass on or destroy.
class cell_owner {
 public:
  virtual ~cell_owner() = default;
  virtual void ended(cell& which, const exit_reason& why, detail::envelope* leftover) = 0;
  /// Asked before each message; false: the cell ends instead, and the message is left over.
  [[nodiscard]] virtual bool may_run() const { return true; }
};

struct cell_config {
  cell_services* services = nullptr;
  cell_owner* owner = nullptr;
  cell* parent = nullptr;
  std::uint32_t mailbox = 0;
  std::uint64_t number = 0;
};

/// One actor. Counted by cell_ptr; its own queue entry counts too.
///
/// Runs in turns of its host, never two at once. Phases: fresh → running ⇄ restarting → stopping →
/// ended. User messages wait while it restarts and are left over when it ends; signals are handled
/// in every phase.
class cell final : public ready_link {
 public:
  static constexpr int messages_per_turn = 64;

  cell(host& home, detail::birth birth, const cell_config& config);
  ~cell();

  /// Any thread. Not `ok`: the message comes back in `message`; `overloaded` or `stopped`.
  errc push(detail::envelope_ptr& message);
  /// Pushes what the actor itself is waiting for (continuations, ticks): not counted, dropped when
  /// ended.
  void push_own(detail::envelope_ptr message);
  /// Runs `act` in the next turn, before other messages, in every phase. Any thread.
  void signal(std::function<void(cell&)> act);
  /// Asks the actor to end with `shutdown` after the message that is running. Any thread.
  void stop();
  /// First turn: constructs the state. Once, after the owner knows the cell.
  void launch() { wake(); }
  void turn();

  // For its context and its owner, on its own turn (const parts: any thread).
  [[nodiscard]] const detail::birth& made_by() const noexcept { return birth_; }
  [[nodiscard]] const std::string& id() const noexcept { return birth_.id; }
  [[nodiscard]] std::uint64_t number() const noexcept { return config_.number; }
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }
  [[nodiscard]] cell_services& services() const noexcept { return *config_.services; }
  [[nodiscard]] host& home() const noexcept { return home_; }
  void adopt(cell_ptr child) { children_.push_back(std::move(child)); }
  void stop_self() { stop_self_ = true; }
  timer_id start_timer(std::chrono::nanoseconds first, std::chrono::nanoseconds period,
                       std::function<detail::envelope_ptr()> make);
  void cancel_timer(timer_id timer);
  void tick(timer_id timer);

 private:
  friend class cell_ptr;
  enum class phase : std::uint8_t { fresh, running, restarting, stopping, ended };
  struct signal_node {
    signal_node* next = nullptr;
    std::function<void(cell&)> act;
  };
  struct timer {
    std::chrono::nanoseconds period{};
    detail::time_point due;
    std::function<detail::envelope_ptr()> make;
    std::uint64_t armed = 0;
  };

  void wake();
  [[nodiscard]] bool has_work() const noexcept;
  void run_signals();
  void start();
  void handle(detail::envelope_ptr message);
  detail::envelope_ptr next_message();
  void crash(std::string_view message, const std::string& what);
  [[nodiscard]] crash_verdict verdict_on(const crash_report& report) const noexcept;
  void begin_end(exit_reason why);
  void drop_state();
  void stop_next_child();
  void child_ended(cell& child, const exit_reason& why, bool escalate);
  void end();
  /// Closes the mailbox: all that was not handled, oldest first.
  detail::envelope* take_rest() noexcept;
  void arm(timer_id id);

  host& home_;
  const detail::birth birth_;
  const cell_config config_;
  std::atomic<std::uint32_t> references_{0};
  std::atomic<std::uint32_t> queued_{0};
  std::atomic<bool> scheduled_{false};
  phase phase_ = phase::fresh;
  bool stop_self_ = false;
  bool escalates_ = false;
  std::uint64_t generation_ = 0;  // how often the state was made or dropped
  void* state_ = nullptr;
  mpsc<detail::envelope, &detail::envelope::next> mailbox_;
  detail::envelope* taken_ = nullptr;  // from the mailbox, oldest first
  mpsc<signal_node, &signal_node::next> signals_;
  std::vector<cell_ptr> children_;
  std::map<timer_id, timer> timers_;
  timer_id last_timer_ = 0;
  exit_reason exit_;
};

}  // namespace troupe::runtime
