// Sinks of messages that are sent again until they were handled.
#pragma once

#include <troupe/core/detail/envelope.hpp>

#include <utility>

namespace troupe::detail {

/// Around the sink of whoever waits, if anybody does. Its message keeps no deadline: when nobody
/// waits any more it is handled all the same.
class reliable_sink final : public answer_sink {
 public:
  explicit reliable_sink(sink_ptr inner) : inner_(std::move(inner)) {
    if (inner_) chain = inner_->chain;
  }
  void answer(void* value) override {
    if (inner_) inner_->answer(value);
  }
  void fail(error why) override {
    if (inner_) inner_->fail(std::move(why));
  }
  [[nodiscard]] bool reliable() const noexcept override { return true; }

 private:
  sink_ptr inner_;
};

inline void make_reliable(envelope& message) {
  message.sink = std::make_unique<reliable_sink>(std::move(message.sink));
  message.deadline = time_point::max();
}

}  // namespace troupe::detail
