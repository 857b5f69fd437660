// For a parent process: ends the leases of its child the moment the child has died.
#pragma once

#include <troupe/sharding/coordination_store.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace troupe::sharding {

/// Holds the leases that nodes in a child process have, so that others need not wait for their time
/// to pass. Owned by the parent, for any number of children one after another. One thread.
///
/// Nodes find the variable and tell each lease they are granted through a socket. The child's death
/// itself is for the parent to see (`waitpid`): a child that closes the socket is not dead.
class lease_guard {
 public:
  static constexpr const char* variable = "TROUPE_SUPERVISOR_FD";
  static constexpr std::size_t most_leases = 256;  ///< older ones end by themselves

  /// Throws `std::system_error` when there can be no socket.
  lease_guard();
  ~lease_guard();
  lease_guard(const lease_guard&) = delete;
  lease_guard& operator=(const lease_guard&) = delete;

  /// What the child's environment must say of `variable`.
  [[nodiscard]] const std::string& value() const noexcept { return value_; }
  /// Between fork and exec: lets the socket through. Safe there.
  void let_inherit() const noexcept;

  /// Ready to be read when the child has told something.
  [[nodiscard]] int fd() const noexcept { return ours_; }
  /// Takes in what was told, and opens the stores that were named: not to be left for when the
  /// child is dead. Answers what is wrong with them.
  std::vector<error> take_in();
  [[nodiscard]] std::size_t leases() const noexcept { return leases_.size(); }

  /// Ends all leases; the child is dead. Those that could not be ended are kept, with the reason.
  std::vector<error> end_all();

 private:
  struct place {
    cluster_options how;
    std::shared_ptr<coordination_store> store;  // null until it could be opened
  };
  struct held {
    std::string where;  // key of places_
    lease_id lease = 0;
  };
  result<void> take(const std::string& told);
  result<void> end(const held& one);

  int ours_ = -1;
  int childs_ = -1;
  std::string value_;
  std::map<std::string, place> places_;
  std::vector<held> leases_;  // oldest first
};

}  // namespace troupe::sharding
