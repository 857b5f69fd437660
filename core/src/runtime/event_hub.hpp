// The events of a node: who subscribed, and how what happened reaches them.
#pragma once

#include <troupe/core/detail/envelope.hpp>
#include <troupe/core/events.hpp>
#include <troupe/core/log.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace troupe::runtime {

class cell;

/// Who a message was for, as far as that is known.
struct receiver {
  std::string_view behaviour;
  std::string_view id;
  std::uint64_t number = 0;  ///< of an actor, in place of an id
};

/// Kept by its node and by the subscriptions. Any thread may call.
///
/// Where nobody subscribed, every call costs one load. A subscriber is called on the thread where
/// the event happened; an event that a subscriber itself causes is told to nobody.
class event_hub : public std::enable_shared_from_this<event_hub> {
 public:
  explicit event_hub(logger& log) : log_(log) {}

  subscription add(std::function<void(const event&)> subscriber);

  [[nodiscard]] bool heard() const noexcept {
    return subscribers_.load(std::memory_order_relaxed) != 0;
  }
  void tell(const event& what) noexcept;

  /// A message will not be handled; `what` is null where it is not known.
  void lost(const receiver& to, const detail::handler* what, const error& why);
  /// The same, and tells whoever waits for its answer. Returns `why`.
  errc refuse(const receiver& to, detail::envelope& message, errc why, const char* sentence);

 private:
  struct entry {
    std::function<void(const event&)> call;
    std::atomic<bool> over{false};
  };
  void remove(const std::list<entry>::iterator& which);

  logger& log_;  // the node's: used while it tells
  std::atomic<std::uint32_t> subscribers_{0};
  std::shared_mutex mutex_;  // shared while an event is told
  std::list<entry> entries_;
};

/// The stash of `by` did not take a message; who waits for its answer has been told.
void tell_full_stash(const cell& by, const detail::handler& message);
/// The pool called `name` did not take a job of the actor whose turn this is.
void tell_full_pool(event_hub& events, std::string_view name, std::uint32_t waiting,
                    std::uint32_t bound);

/// The events of the node whose worker this thread is; null elsewhere.
[[nodiscard]] event_hub* events_here() noexcept;

/// `by` did not take the message, `overloaded` or `stopped`: tells whoever waits for its answer,
/// and `events` if there are any. Returns `why`.
errc refuse(const cell& by, detail::envelope& message, errc why, event_hub* events);

}  // namespace troupe::runtime
