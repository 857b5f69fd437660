// Asks that went to other nodes and wait for their answers.
#pragma once

#include "runtime/alarm_clock.hpp"
#include "runtime/slab.hpp"
#include <troupe/core/detail/envelope.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace troupe::runtime {

/// What another node says of a request: that it gives this message back. Believed only while the
/// request waits for that node, with that message.
struct given_back {
  std::uint64_t request = 0;
  std::uint32_t message = 0;  ///< its wire id
  const std::string& by;
};

/// Every request ends exactly once: answered, failed, or `timeout` at its deadline. Any thread may
/// call; threads that add seldom wait for each other.
class requests {
 public:
  explicit requests(alarm_clock& clockwork);
  requests(const requests&) = delete;
  requests& operator=(const requests&) = delete;

  static constexpr std::size_t most = 1'000'000;  ///< asks that wait at a time

  /// Keeps the sink of an ask to `node`: the number that its answer will carry. 0: there are `most`
  /// already, and the sink has been told `overloaded`.
  std::uint64_t add(const std::string& node, detail::envelope& ask);
  /// Takes an ask back that was not sent after all; null when it has ended meanwhile.
  detail::sink_ptr withdraw(std::uint64_t request);
  /// The same for one that was given back; null also when that is not to be believed.
  detail::sink_ptr withdraw(const given_back& what);
  /// From now on `to` is who will answer: the ask's deadline; none when the request has ended, or
  /// was not given back by the node that it waits for.
  std::optional<detail::time_point> moved(const given_back& what, const std::string& to);
  /// The rest of an answer frame from `node`.
  void answered(const std::string& node, reader& in);
  /// The connection to `node` broke: what waits for it ends with an unknown outcome.
  void lost(const std::string& node);
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

  alarm_clock& clockwork_;
  std::deque<shard> shards_;
};

/// Appends an answer frame for `request`.
void write_answer(writer& out, std::uint64_t request, const detail::handler& what,
                  const void* value);
void write_failure(writer& out, std::uint64_t request, const error& why);

}  // namespace troupe::runtime
