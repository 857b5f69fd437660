// The events that a behaviour persists in a test.
#pragma once

#include <troupe/core/durable.hpp>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace troupe::testing {

/// Keeps the events of a `T`, in order. One thread.
template <class T>
class event_recorder {
 public:
  /// Applies it at once. Throws std::logic_error when it is not among what `T` remembers.
  void add(T& self, const void* tag, const void* event) {
    const auto* const kit = detail::durable_kit_for<T>();
    for (std::size_t i = 0; kit && i < kit->count; ++i) {
      const auto& kind = kit->events[i];
      if (kind.tag != tag) continue;
      writer out{events_.emplace_back(tag, std::string{}).second};
      kind.encode(event, out);
      return kind.apply(&self, event);
    }
    throw std::logic_error("troupe: ctx.persist of an event that the behaviour does not remember");
  }

  /// Those of one kind; references in them are bound to `node`.
  template <class E>
  [[nodiscard]] std::vector<E> all(detail::locator& node) const {
    std::vector<E> found;
    for (const auto& [tag, bytes] : events_) {
      if (tag != &detail::type_tag<E>) continue;
      reader in{bytes, &node};
      if (!decode(in, found.emplace_back())) throw std::logic_error("an event does not decode");
    }
    return found;
  }

 private:
  std::vector<std::pair<const void*, std::string>> events_;  // by their types
};

}  // namespace troupe::testing
