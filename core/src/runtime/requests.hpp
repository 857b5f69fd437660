// Asks that went to other nodes and wait for their answers.
#pragma once

#include "runtime/alarm_clock.hpp"
#include "runtime/slab.hpp"
#include <troupe/core/detail/envelope.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace troupe::runtime {

/// Every request ends exactly once: answered, failed, or `timeout` at its deadline. Any thread may
/// call; threads that add seldom wait for each other.
class requests {
 public:
  explicit requests(alarm_clock& clockwork);
  requests(const requests&) = delete;
  requests& operator=(const requests&) = delete;

  static constexpr std::size_t most = 1'000'000;  ///< asks that wait at a time

  /// Keeps the sink of an ask to `node`, or to the shard "#<number>", whose owner may be anybody:
  /// the number that its answer will carry. 0: there are `most`
  /// already, and the sink has been told `overloaded`.
  std::uint64_t add(const std::string& node, detail::envelope& ask);
  /// Takes an ask back that was not sent after all; null when it has ended meanwhile.
  detail::sink_ptr withdraw(std::uint64_t request);
  /// It waits for another shard's owner from now on.
  void rename(std::uint64_t request, const std::string& whom);
  /// The rest of an answer frame from `node`.
  void answered(const std::string& node, reader& in);
  /// The node, or the owner of the shard, that `whom` names is lost: what waits for it ends with an
  /// unknown outcome, except those requests.
  void lost(const std::string& whom, const std::set<std::uint64_t>& but = {});
  /// Is told, on the clock's thread, the shard of an ask whose deadline has passed, and may
  /// withdraw requests whose messages were never sent; what is left ends as `timeout`. Before the
  /// first ask.
  void before_expiry(std::function<void(const std::string& shard)> look) {
    look_ = std::move(look);
  }
  /// Ends everything with an unknown outcome.
  void close();

 private:
  struct pending {
    std::string node;
    detail::sink_ptr sink;
    const detail::handler* what = nullptr;
    detail::time_point deadline;
    alarm_key timer = alarm_key::none;
  };
  struct alignas(64) shard {
    explicit shard(slab_numbers numbers) : waiting(numbers) {}
    std::mutex mutex;
    slab<pending> waiting;  // its keys are the requests' numbers
  };
  static constexpr std::size_t shards = 16;  // each thread adds to one, while there is room
  static_assert(most % shards == 0);

  template <class Believe>
  std::optional<pending> take(std::uint64_t request, Believe believe);
  [[nodiscard]] shard* shard_of(std::uint64_t request) noexcept;
  std::uint64_t add_to(std::size_t which, const std::string& node, detail::envelope& ask);
  /// Takes those that `which` says yes to, and tells them `why`.
  template <class Which>
  void end_all(Which which, const error& why);
  void expire(std::uint64_t request);
  static const alarm_kind deadline;

  [[nodiscard]] std::string whom(std::uint64_t request);

  alarm_clock& clockwork_;
  std::function<void(const std::string&)> look_;
  std::deque<shard> shards_;
};

/// Appends an answer frame for `request`.
void write_answer(writer& out, std::uint64_t request, const detail::handler& what,
                  const void* value);
void write_failure(writer& out, std::uint64_t request, const error& why);

}  // namespace troupe::runtime
