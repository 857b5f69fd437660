// An ask of an actor while it waits: from `then` to its continuation's run, in one piece of memory.
#pragma once

#include <troupe/core/detail/envelope.hpp>
#include <troupe/core/detail/route.hpp>
#include <troupe/core/result.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

namespace troupe::detail {

class pending_ask;

/// Where continuations run: an actor, or what stands in for one.
class way_back {
 public:
  virtual ~way_back() = default;
  /// The outcome is there: run the ask in its owner's turn, then `leave` it. Any thread, once.
  virtual void settled(pending_ask& ask) = 0;
};

/// Lives in an envelope of its owner. Two share it: the sink, on whatever thread the answer comes
/// from, and the owner, who lists it, keeps its deadline and runs it. Whoever moves `waiting_`
/// first decides its end: an answer, a failure, or the owner who forgets it.
class pending_ask : public answer_sink {
 public:
  // The owner's, on its turn.
  pending_ask* next = nullptr;
  pending_ask* previous = nullptr;
  way_back* back = nullptr;
  void* owner = nullptr;
  std::uint64_t timer = 0;
  bool forgotten = false;  ///< settled, but its continuation is gone

  /// The owner ends the wait; true when no answer came before.
  [[nodiscard]] bool close() noexcept {
    return waiting_.exchange(false, std::memory_order_acq_rel);
  }
  virtual void run(context& ctx) = 0;  ///< the continuation, with the outcome
  virtual void forget() noexcept = 0;  ///< destroys the continuation
  void share() noexcept { shares_.fetch_add(1, std::memory_order_relaxed); }
  void leave() noexcept {
    if (shares_.fetch_sub(1, std::memory_order_acq_rel) == 1) dispose();
  }

  [[nodiscard]] bool abandoned() const noexcept override {
    return !waiting_.load(std::memory_order_relaxed);
  }
  void release() noexcept override { leave(); }

 protected:
  virtual void dispose() noexcept = 0;

 private:
  std::atomic<bool> waiting_{true};
  std::atomic<std::uint32_t> shares_{2};
};

/// With a continuation of one type. `F` takes the result and, if it likes, the context.
template <class R, class F>
class pending_then final : public pending_ask {
 public:
  explicit pending_then(F continuation) : run_(std::move(continuation)) {}

  void answer([[maybe_unused]] void* value) override {
    if (!close()) return;
    if constexpr (std::is_void_v<R>) {
      outcome_.emplace();
    } else {
      outcome_.emplace(std::move(*static_cast<R*>(value)));
    }
    back->settled(*this);
  }
  void fail(error why) override {
    if (!close()) return;
    outcome_.emplace(std::move(why));
    back->settled(*this);
  }
  void run(context& ctx) override {
    if constexpr (std::is_invocable_v<F&, result<R>, context&>) {
      (*run_)(std::move(*outcome_), ctx);
    } else {
      (*run_)(std::move(*outcome_));
    }
  }
  void forget() noexcept override { run_.reset(); }

 protected:
  void dispose() noexcept override {
    auto& around = envelope::around(this);
    this->~pending_then();
    free_raw(&around, sizeof(pending_then));
  }

 private:
  std::optional<F> run_;
  std::optional<result<R>> outcome_;
};

/// An ask whose answer, an `R`, goes to `continuation`; for an `asker` to begin.
template <class R, class F>
[[nodiscard]] pending_ask& make_pending(F continuation) {
  using pending = pending_then<R, F>;
  static_assert(alignof(pending) <= alignof(std::max_align_t));
  auto* memory = allocate_envelope(sizeof(pending));
  return *::new (memory->payload()) pending{std::move(continuation)};
}

/// What an ask needs of the one who asks: contexts are askers.
class asker {
 public:
  virtual ~asker() = default;
  virtual errc send(const route& to, envelope_ptr message) = 0;
  /// Takes the owner's share: lists it, fails it with `timeout` at the deadline.
  virtual void begin(pending_ask& ask, time_point deadline) = 0;
};

}  // namespace troupe::detail
