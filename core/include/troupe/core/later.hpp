// An answer promised for later: what a handler returns when it cannot answer in its own turn.
#pragma once

#include <troupe/core/detail/envelope.hpp>
#include <troupe/core/result.hpp>

#include <memory>
#include <utility>

namespace troupe {

/// Made by `ctx.later<R>()`; copies share one promise. The first `set` answers the ask, further
/// ones do nothing. When the last copy goes without an answer, the asker is told `timeout`: what
/// was done is not known. Belongs to the actor that made it: call `set` in its handlers and
/// continuations only.
template <class R>
class [[nodiscard]] later {
 public:
  later() = default;  ///< already passed on, or nobody asked
  explicit later(detail::sink_ptr sink) : state_(std::make_shared<state>(std::move(sink))) {}

  void set(R value) const {
    if (auto sink = take()) sink->answer(&value);
  }
  void set(error why) const {
    if (auto sink = take()) sink->fail(std::move(why));
  }
  void set(result<R> outcome) const {
    if (outcome) {
      set(std::move(*outcome));
    } else {
      set(outcome.why());
    }
  }

 private:
  struct state {
    explicit state(detail::sink_ptr s) : sink(std::move(s)) {}
    state(const state&) = delete;
    state& operator=(const state&) = delete;
    ~state() {
      if (sink) sink->fail({errc::timeout, "the promise of an answer was dropped"});
    }
    detail::sink_ptr sink;
  };
  [[nodiscard]] detail::sink_ptr take() const { return state_ ? std::move(state_->sink) : nullptr; }
  std::shared_ptr<state> state_;
};

}  // namespace troupe
