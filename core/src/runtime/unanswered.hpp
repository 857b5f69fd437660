// Reliable messages that other nodes wait for, and that are not answered yet.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::runtime {

/// One that was taken here and is not in it has been answered, wherever the answer is. Any thread;
/// as large as what waits in mailboxes.
class unanswered {
 public:
  void add(const std::string& asker, std::uint64_t request) {
    const std::lock_guard lock{mutex_};
    ++times_[{asker, request}];
  }
  void remove(const std::string& asker, std::uint64_t request) {
    const std::lock_guard lock{mutex_};
    const auto found = times_.find({asker, request});
    if (found != times_.end() && --found->second == 0) times_.erase(found);
  }
  /// A message that came again is there once more while it is looked at.
  [[nodiscard]] std::size_t times(const std::string& asker, std::uint64_t request) const {
    const std::lock_guard lock{mutex_};
    const auto found = times_.find({asker, request});
    return found == times_.end() ? 0 : found->second;
  }

 private:
  mutable std::mutex mutex_;
  boost::unordered_flat_map<std::pair<std::string, std::uint64_t>, std::size_t> times_;
};

}  // namespace troupe::runtime
