// Who waits for a reliable message to be handled: its lane, and whoever asked.
#pragma once

#include "lanes.hpp"
#include <troupe/core/detail/envelope.hpp>

#include <cstdint>
#include <memory>
#include <utility>

namespace troupe::sharding {

/// Waits for the answer to a reliable message, in which case the message leaves its lane. That it
/// was not handled, because its owner stopped owning it, is no answer: it is sent again.
class kept_until_applied final : public detail::answer_sink {
 public:
  kept_until_applied(lanes& of, shard_id shard, const detail::handler& what, detail::sink_ptr inner)
      : lanes_(of), shard_(shard), what_(what), inner_(std::move(inner)) {
    chain = inner_->chain;
  }
  void answer(void* value) override {
    lanes_.applied(shard_, request);
    inner_->answer(value);
  }
  void fail(error why) override {
    const bool again = why.code == errc::unavailable || why.code == errc::stopped;
    if (again && inner_) {
      detail::envelope waiting;
      waiting.what = &what_;
      auto next = std::make_unique<kept_until_applied>(lanes_, shard_, what_, std::move(inner_));
      auto* kept = next.get();
      waiting.sink = std::move(next);
      if (lanes_.ask_again(shard_, request, waiting, kept->request)) return;
      if (!waiting.sink) return;
      inner_ = std::move(static_cast<kept_until_applied&>(*waiting.sink).inner_);
    }
    lanes_.applied(shard_, request);
    inner_->fail(std::move(why));
  }
  [[nodiscard]] bool reliable() const noexcept override { return true; }

  std::uint64_t request = 0;

 private:
  lanes& lanes_;
  shard_id shard_;
  const detail::handler& what_;
  detail::sink_ptr inner_;
};

}  // namespace troupe::sharding
