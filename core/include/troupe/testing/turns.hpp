// Which message a behaviour under test handles when: one turn at a time, as on a node.
#pragma once

#include <troupe/core/behaviour.hpp>
#include <troupe/core/detail/effects.hpp>
#include <troupe/core/detail/task_root.hpp>

#include <coroutine>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

namespace troupe::testing {

/// A part of stand_in. One thread. What a handler throws comes out of the call that ran it.
class turns {
 public:
  turns(void* self, const detail::behaviour_type& type, context& ctx)
      : self_(self), type_(type), context_(ctx) {}
  turns(const turns&) = delete;
  turns& operator=(const turns&) = delete;
  ~turns() { end(); }

  /// A message from outside: handled now, or when no handler waits that keeps it out.
  void take(detail::envelope_ptr message) {
    waiting_.push_back(std::move(message));
    go_on();
  }
  /// A tick: handled now.
  void run(detail::envelope_ptr message) {
    {
      const in_hand now{*this, message};
      auto& m = *message;
      m.what->invoke(self_, m.payload(), context_, m.sink);
    }
    go_on();
  }
  /// Handles what may be handled now; after every continuation.
  void go_on() {
    while (!handled_ && !waiting_.empty() && !kept_out()) {
      auto next = std::move(waiting_.front());
      waiting_.pop_front();
      run(std::move(next));
    }
  }
  /// Destroys the handlers that wait.
  void end() noexcept {
    for (auto* task : std::exchange(tasks_, {})) delete task;
  }

  [[nodiscard]] detail::envelope* handled() const noexcept {
    return handled_ ? handled_->get() : nullptr;
  }
  [[nodiscard]] bool put_aside(detail::envelope_ptr message) {
    if (auto* now = handled()) {
      message->sink = std::move(now->sink);
      message->deadline = now->deadline;
    }
    if (stash_.size() < type_.stash) return stash_.push_back(std::move(message)), true;
    if (auto sink = std::move(message->sink)) {
      sink->fail({errc::overloaded, "the actor's stash is full"});
    }
    return false;
  }
  void unstash() {
    for (; !stash_.empty(); stash_.pop_back()) waiting_.push_front(std::move(stash_.back()));
  }
  [[nodiscard]] std::unique_ptr<detail::task_root> open_task() {
    return std::make_unique<running>(*this);
  }

 private:
  struct in_hand {
    in_hand(turns& t, detail::envelope_ptr& message)
        : of(t), outer(std::exchange(t.handled_, &message)) {}
    in_hand(const in_hand&) = delete;
    in_hand& operator=(const in_hand&) = delete;
    ~in_hand() { of.handled_ = outer; }
    turns& of;
    detail::envelope_ptr* outer;
  };

  class running final : public detail::task_root {
   public:
    explicit running(turns& of) : of_(of) {}
    ~running() override { drop_frame(); }
    context& inside() noexcept override { return of_.context_; }
    void stay() override {
      message_ = std::move(*of_.handled_);
      of_.tasks_.push_back(this);
    }

   protected:
    void run(std::coroutine_handle<> at) override {
      if (!message_) return at.resume();
      const in_hand now{of_, message_};
      at.resume();
    }
    void retire() noexcept override { std::erase(of_.tasks_, this); }
    detail::sink_ptr& sink() noexcept override { return message_->sink; }
    void failed(const char* what) noexcept override {
      if (auto asker = std::move(sink())) asker->fail({errc::crashed, what});
    }

   private:
    turns& of_;
    detail::envelope_ptr message_;  // once it has waited
  };

  [[nodiscard]] bool kept_out() const noexcept {
    return !tasks_.empty() && type_.reentrancy != reentrancy::always;
  }

  void* self_;
  const detail::behaviour_type& type_;
  context& context_;
  detail::envelope_ptr* handled_ = nullptr;
  std::deque<detail::envelope_ptr> waiting_;
  std::vector<detail::envelope_ptr> stash_;
  std::vector<running*> tasks_;
};

}  // namespace troupe::testing
