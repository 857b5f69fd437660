// A cell: one actor's state, mailbox and life, from its start over restarts to its end.
#pragma once

#include "runtime/cell_phase.hpp"
#include "runtime/cell_ptr.hpp"
#include "runtime/kin.hpp"
#include "runtime/kind.hpp"
#include "runtime/mailbox.hpp"
#include <troupe/core/accounting.hpp>
#include <troupe/core/context.hpp>
#include <troupe/core/exit_reason.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace troupe::runtime {

class cell_services;
class host;
struct cell_extra;

/// One actor: 64 bytes, then kin (actors), state, id (entities). Counted by cell_ptr, and its life.
///
/// Runs in turns, on whichever host has it, in one phase after another (cell_phase.hpp). Signals
/// are handled first, in every phase; user messages while it runs: they wait meanwhile, and are
/// left over when it ends.
class cell final {
 public:
  /// An actor, not launched, with a count for its life. Its state is made at once, by the caller's
  /// thread; a constructor that throws is the actor's crash, in its first turn.
  static cell_ptr make_actor(const kind& k, detail::birth&& birth, kin family);
  static cell_ptr make_down(const kind& k, detail::birth&& birth, kin family);
  /// An entity at rest, whose state is made in its first turn. Not to be launched: the count that
  /// is given out is its life, for its owner to release once it knows it.
  static cell_ptr make_entity(const kind& k, std::string_view id);
  cell(const cell&) = delete;
  cell& operator=(const cell&) = delete;
  void keep() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void leave() noexcept;

  /// Any thread. Not `ok`: the message comes back in `message`; `overloaded` or `stopped`.
  errc push(detail::envelope_ptr& message);
  /// What the actor itself waits for, or what is urgent: not counted. False: it has ended.
  bool push_own(detail::envelope_ptr& message);
  /// Asks it to end after the message that is running. Any thread.
  void stop(exit_reason why = {exit_kind::shutdown, {}});
  /// Tells `who` of its end, at once when it has ended; until `unwatch`. Any thread.
  void watch(std::shared_ptr<detail::end_listener> who);
  void unwatch(const std::shared_ptr<detail::end_listener>& who);
  /// Once, after its owner knows it: no turn comes before, whatever is pushed.
  void launch();
  /// On a host, when scheduled.
  void turn(host& on);

  // Any thread.
  [[nodiscard]] bool is_durable() const noexcept { return kind_->durable; }
  [[nodiscard]] const kind& made_as() const noexcept { return *kind_; }
  [[nodiscard]] const detail::behaviour_type& type() const noexcept { return *kind_->type; }
  [[nodiscard]] cell_services& services() const noexcept { return *kind_->services; }
  [[nodiscard]] std::string_view entity_id() const noexcept;  ///< empty: an actor
  /// Of an actor; of an entity once `number` was called. 0: none.
  [[nodiscard]] std::uint64_t known_number() const noexcept;
  [[nodiscard]] bool has_ended() const noexcept { return mailbox_.is_closed(); }
  /// Of one that has ended, as far as that is still known.
  [[nodiscard]] exit_reason how_ended() const;
  /// Messages that wait; a guess.
  [[nodiscard]] std::uint32_t waiting() const noexcept {
    return mailbox_.waiting() + taken_count_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] actor_account costs() const noexcept;
  /// A message for it has come from another node. The net thread.
  void count_bytes_in(std::size_t bytes) noexcept;

  // On its own turn, for its context, its owner and its parts.
  [[nodiscard]] std::string id();
  [[nodiscard]] std::uint64_t number();  ///< entities get one when asked
  [[nodiscard]] kin& family() noexcept;  ///< of an actor
  [[nodiscard]] cell_extra& extra();     ///< made when it is asked for
  [[nodiscard]] void* state() noexcept;
  void adopt(cell& child);
  void stop_self() noexcept { stop_self_ = true; }
  /// Measures how long it waits for its next turn; by whoever made it ready.
  void stamp() noexcept;
  void count_bytes_out(std::size_t bytes, host& on) noexcept;
  /// A coroutine waits, or the last one that did has ended.
  void handler_waits(bool so) noexcept;
  [[nodiscard]] bool put_aside(detail::envelope_ptr message);  ///< false: full; its asker is told
  void unstash() noexcept;
  [[nodiscard]] std::size_t shard() const noexcept;  ///< to spread locks by

 private:
  friend class cell_ptr;
  friend struct kept_cell;
  friend struct arriving_cell;
  friend struct travelling_cell;
  friend struct travelling_family;
  friend struct durable_cell;
  friend class own_links;
  using phase = cell_phase;

  explicit cell(const kind& k) noexcept;
  ~cell();

  void schedule() noexcept;
  void note_wait(std::uint32_t now, host& on) noexcept;
  void count_turn(std::uint32_t handled, std::uint32_t timed_us, host& on) noexcept;
  void take_in();
  void run_urgent(detail::envelope* urgent);
  [[nodiscard]] bool sort_out();
  detail::envelope* take_first() noexcept;
  detail::envelope* next_message() noexcept;
  void handle(detail::envelope* raw);
  // Its life.
  void be_born(detail::birth& birth, kin family);
  void come_alive();
  void start();
  bool construct();
  void enter(void (*first)(void* self, context& ctx), std::string_view called);
  void crash(std::string_view message, const std::string& what);
  [[nodiscard]] crash_decision decision_on(const crash_report& report) noexcept;
  void rest(std::chrono::nanoseconds wait);
  /// Who waits for a handler that is dropped with it is told why.
  void drop_state(errc why, std::string_view what);
  void begin_end(exit_reason why);
  void stop_next_child();
  void child_ended(cell& child, const exit_reason& why, bool escalate);
  void end(const exit_reason& why);
  detail::envelope* take_rest() noexcept;

  mailbox<detail::envelope> mailbox_;
  detail::envelope* taken_ = nullptr;  // from the mailbox, oldest first
  const kind* const kind_;
  std::unique_ptr<cell_extra> extra_;
  std::atomic<std::uint32_t> references_{1};
  std::atomic<std::uint32_t> taken_count_{0};  // of `taken_`, those that count
  phase phase_ = phase::fresh;
  bool has_state_ : 1 = false, stop_self_ : 1 = false;
  bool wary_ : 1 = false;     // its owner is asked before each message
  bool stamped_ : 1 = false;  // `taken_` says when it became ready
  std::uint8_t gate_ = 0;     // of `gates`
  std::uint8_t id_size_ = 0;  // of an entity; `long_id`: it lies before the id
  std::atomic<std::uint32_t> handled_{0}, busy_{0}, waited_{0}, bytes_in_{0}, bytes_out_{0};
};
static_assert(sizeof(cell) == 64);

}  // namespace troupe::runtime
