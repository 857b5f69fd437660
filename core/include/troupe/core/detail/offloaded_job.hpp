// Work for a pool of threads, erased: what it does, and who waits for its outcome.
#pragma once

#include <troupe/core/detail/envelope.hpp>
#include <troupe/core/result.hpp>

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

namespace troupe::detail {

/// One piece of work for a pool, and who waits for its outcome.
class offloaded_job {
 public:
  explicit offloaded_job(sink_ptr outcome) : outcome_(std::move(outcome)) {}
  virtual ~offloaded_job() = default;
  /// Nobody waits any more: it need not run.
  [[nodiscard]] bool abandoned() const noexcept { return outcome_->abandoned(); }
  /// Does it. Once, and only when it is not refused.
  void run() { work(*outcome_); }
  void refuse(error why) { outcome_->fail(std::move(why)); }

 protected:
  virtual void work(answer_sink& outcome) = 0;

 private:
  sink_ptr outcome_;
};

/// Where jobs wait for a thread. Any thread may submit; what it cannot take it refuses.
class offload_queue {
 public:
  virtual ~offload_queue() = default;
  virtual void submit(std::unique_ptr<offloaded_job> job) = 0;
};

template <class R, class F>
class offloaded_call final : public offloaded_job {
 public:
  offloaded_call(F call, sink_ptr outcome)
      : offloaded_job(std::move(outcome)), call_(std::move(call)) {}

 private:
  void work(answer_sink& outcome) override {
    auto done = attempt();
    if (!done) return outcome.fail(done.why());
    if constexpr (std::is_void_v<R>) {
      outcome.answer(nullptr);
    } else {
      outcome.answer(&*done);
    }
  }
  result<R> attempt() {
    try {
      if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
        call_();
        return {};
      } else {
        return call_();
      }
    } catch (const std::exception& thrown) {
      return error{errc::crashed, thrown.what()};
    } catch (...) {
      return error{errc::crashed, "something that is no std::exception was thrown"};
    }
  }

  F call_;
};

template <class Returned>
struct offloaded_value {
  using type = Returned;
};
template <class R>
struct offloaded_value<result<R>> {
  using type = R;
};

}  // namespace troupe::detail
