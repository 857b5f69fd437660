// What is said to etcd's HTTP gateway and what its answers mean: text in, values out.
#pragma once

#include <troupe/sharding/coordination_store.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace troupe::sharding::etcd {

/// How many conditions, and how many writes, etcd takes in one transaction (--max-txn-ops).
inline constexpr std::size_t most_operations = 128;

// Requests. Of several writes to one key the last is sent: etcd refuses more than one.
[[nodiscard]] std::string range_request(std::string_view prefix, revision since);
/// `too_large` above `most_operations`, `refused` with an empty key, before anything is sent.
[[nodiscard]] result<std::string> txn_request(const store_txn& txn);
/// Would erase all keys of the prefix, but never does: refused to those who may not write.
[[nodiscard]] std::string may_write_request(std::string_view prefix);
[[nodiscard]] std::string grant_request(std::chrono::seconds ttl);
[[nodiscard]] std::string lease_request(lease_id lease);  ///< keepalive, revoke, timetolive
/// From `since` + 1 on; 0: from now on.
[[nodiscard]] std::string watch_request(std::string_view prefix, revision since);
[[nodiscard]] std::string login_request(const std::string& user, const std::string& password);

// Answers. What etcd leaves out is zero; what it would never say is `malformed`, with the reason.
[[nodiscard]] result<store_snapshot> parse_range(std::string_view body);
[[nodiscard]] result<bool> parse_txn(std::string_view body);
struct granted_lease {
  lease_id lease = 0;
  std::chrono::seconds ttl{};
};
[[nodiscard]] result<granted_lease> parse_grant(std::string_view body);
/// What is left of a lease; zero or less: it has ended. For keepalive and timetolive.
[[nodiscard]] result<std::chrono::seconds> parse_time_left(std::string_view body);
[[nodiscard]] result<std::string> parse_token(std::string_view body);
/// The revision in the header of any answer; 0 when there is none.
[[nodiscard]] result<revision> parse_revision(std::string_view body);

/// Why etcd did not do what it was asked.
struct refusal {
  int code = 0;  ///< of gRPC: 5 no such lease, 7 not allowed, 16 not logged in
  std::string message;

  friend bool operator==(const refusal&, const refusal&) = default;
};
/// The refusal in an answer; the beginning of the answer itself when it is not one of etcd's.
[[nodiscard]] refusal parse_refusal(std::string_view body);

/// One line of a watch.
struct watch_line {
  revision at = 0;  ///< of the store, when it was sent
  bool created = false;
  bool canceled = false;
  revision compacted = 0;  ///< the past from which was asked is gone
  std::string why;         ///< canceled

  friend bool operator==(const watch_line&, const watch_line&) = default;
};
[[nodiscard]] result<watch_line> parse_watch(std::string_view line);

}  // namespace troupe::sharding::etcd
