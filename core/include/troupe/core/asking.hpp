// An ask from inside a handler: it waits for its continuation, not on its thread.
#pragma once

#include <troupe/core/actor_ref.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace troupe {

class context;

/// A timer of one actor; cancelled with it.
using timer_id = std::uint64_t;

namespace detail {

/// The way back into an actor that asked: its continuations run there, in turn, or not at all when
/// it has ended or was restarted meanwhile. Any thread.
class way_back {
 public:
  virtual ~way_back() = default;
  virtual void post(std::function<void(context&)> continuation) = 0;
  virtual timer_id arm(time_point when, std::function<void()> expired) = 0;
  virtual void disarm(timer_id timer) = 0;
};

/// What an ask needs of the one who asks: contexts are askers.
class asker {
 public:
  virtual ~asker() = default;
  virtual errc send(const route& to, envelope_ptr message) = 0;
  [[nodiscard]] virtual std::shared_ptr<way_back> back() = 0;
};

template <class R>
struct pending_then {
  std::atomic_flag settled;
  std::shared_ptr<way_back> back;
  std::function<void(result<R>, context&)> run;
  std::atomic<timer_id> timer{0};

  void settle(result<R> outcome) {
    if (settled.test_and_set()) return;
    if (const auto armed = timer.load()) back->disarm(armed);
    auto kept = std::make_shared<result<R>>(std::move(outcome));
    back->post([run = std::move(run), kept = std::move(kept)](context& ctx) {
      run(std::move(*kept), ctx);
    });
  }
};

template <class R>
class then_sink final : public answer_sink {
 public:
  explicit then_sink(std::shared_ptr<pending_then<R>> pending) : pending_(std::move(pending)) {}
  void answer(void* value) override { pending_->settle(std::move(*static_cast<R*>(value))); }
  void fail(error why) override { pending_->settle(std::move(why)); }

 private:
  std::shared_ptr<pending_then<R>> pending_;
};

}  // namespace detail

/// An ask that waits for its continuation; without `then` nothing is sent.
template <class R>
class [[nodiscard]] asking {
 public:
  asking(detail::asker& from, detail::route to, detail::envelope_ptr envelope)
      : from_(from), to_(std::move(to)), envelope_(std::move(envelope)) {}

  template <class F>
  void then(F continuation) && {
    auto pending = std::make_shared<detail::pending_then<R>>();
    pending->back = from_.back();
    if constexpr (std::is_invocable_v<F, result<R>, context&>) {
      pending->run = std::move(continuation);
    } else {
      pending->run = [continuation = std::move(continuation)](result<R> outcome, context&) mutable {
        continuation(std::move(outcome));
      };
    }
    pending->timer = pending->back->arm(envelope_->deadline, [weak = std::weak_ptr{pending}] {
      if (const auto late = weak.lock()) {
        late->settle(error{errc::timeout, "no answer before the deadline; the outcome is unknown"});
      }
    });
    envelope_->sink = std::make_unique<detail::then_sink<R>>(std::move(pending));
    (void)from_.send(to_,
                     std::move(envelope_));  // a refusal reaches the continuation through the sink
  }

 private:
  detail::asker& from_;
  detail::route to_;
  detail::envelope_ptr envelope_;
};

}  // namespace troupe
