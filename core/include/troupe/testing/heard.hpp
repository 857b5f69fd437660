// What a behaviour under test answered.
#pragma once

#include <troupe/core/detail/envelope.hpp>
#include <troupe/core/result.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace troupe::testing {

/// What a handler answered, now or later.
template <class R>
class heard {
 public:
  using slot = std::shared_ptr<const std::optional<result<R>>>;
  explicit heard(slot from) : slot_(std::move(from)) {}

  /// Whether there is an answer, or the reason why there is none.
  [[nodiscard]] bool arrived() const noexcept { return slot_->has_value(); }
  /// A copy. Throws std::logic_error when nothing has arrived.
  [[nodiscard]] result<R> outcome() const {
    if (!arrived()) throw std::logic_error("troupe: the handler has not answered yet");
    return **slot_;
  }
  [[nodiscard]] R value() const { return outcome().value(); }

 private:
  slot slot_;
};

/// Puts an answer where a `heard` finds it.
template <class R>
class hearing final : public detail::answer_sink {
 public:
  explicit hearing(std::shared_ptr<std::optional<result<R>>> into) : into_(std::move(into)) {}
  void answer(void* value) override { into_->emplace(std::move(*static_cast<R*>(value))); }
  void fail(error why) override { into_->emplace(std::move(why)); }

 private:
  std::shared_ptr<std::optional<result<R>>> into_;
};

}  // namespace troupe::testing
