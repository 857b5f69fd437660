// The carriers to a node's entities by type, as its threads have found them.
#pragma once

#include <troupe/core/detail/route.hpp>

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace troupe::detail {

/// Spares whoever makes references the search for the carrier, and a count that all threads would
/// share: each of the first sixteen threads has a shelf of its own. What lies there keeps its
/// node's memory, until `close`.
class ways {
 public:
  /// What `find()` gave for this type; null is not kept. Any thread.
  template <class Find>
  std::shared_ptr<carrier> to(std::string_view type, const Find& find) {
    auto& mine = own_shelf();
    {
      const std::lock_guard lock{mine.mutex};
      if (const auto known = mine.known.find(type); known != mine.known.end()) return known->second;
    }
    const std::shared_ptr<carrier> found = find();
    if (!found) return found;
    // Counted apart from all others.
    const std::shared_ptr<carrier> own{found.get(), [found](carrier*) {}};
    const std::lock_guard lock{mine.mutex};
    return mine.closed ? found : mine.known.try_emplace(std::string{type}, own).first->second;
  }
  /// Forgets everything, for good.
  void close() {
    for (auto& each : shelves_) {
      const std::lock_guard lock{each.mutex};
      each.closed = true;
      each.known.clear();
    }
  }

 private:
  struct alignas(64) shelf {
    std::mutex mutex;
    std::map<std::string, std::shared_ptr<carrier>, std::less<>> known;
    bool closed = false;
  };

  shelf& own_shelf() noexcept;

  std::array<shelf, 16> shelves_;
};

}  // namespace troupe::detail
