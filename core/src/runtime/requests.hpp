// Asks that went to other nodes and wait for their answers.
#pragma once

#include "runtime/alarm_clock.hpp"
#include <troupe/core/detail/envelope.hpp>

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace troupe::runtime {

/// Every request ends exactly once: answered, failed, or `timeout` at its deadline. Any thread may
/// call.
class requests {
 public:
  explicit requests(alarm_clock& clockwork) : clockwork_(clockwork) {}
  requests(const requests&) = delete;
  requests& operator=(const requests&) = delete;

  static constexpr std::size_t most = 1'000'000;  ///< asks that wait at a time

  /// Keeps the sink of an ask to `node`: the number that its answer will carry. 0: there are `most`
  /// already, and the sink has been told `overloaded`.
  std::uint64_t add(const std::string& node, detail::envelope& ask);
  /// Takes an ask back that was not sent after all; null when it has ended meanwhile.
  detail::sink_ptr withdraw(std::uint64_t request);
  /// From now on `to` is who will answer: the ask's deadline; none when the request has ended.
  std::optional<detail::time_point> moved(std::uint64_t request, const std::string& to);
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
  detail::sink_ptr take(std::uint64_t request, const std::string* from,
                        const detail::handler** what, std::string* node = nullptr);

  void expire(std::uint64_t request);
  static const alarm_kind deadline;

  alarm_clock& clockwork_;
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, pending> pending_;
  std::uint64_t last_ = 0;
};

/// Appends an answer frame for `request`.
void write_answer(writer& out, std::uint64_t request, const detail::handler& what,
                  const void* value);
void write_failure(writer& out, std::uint64_t request, const error& why);

}  // namespace troupe::runtime
