// What all nodes agree on: the members of the ring and the number of that agreement.
#pragma once

#include <troupe/core/options.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace troupe::sharding {

/// A node that owns shards.
struct member {
  std::string name;
  std::uint64_t incarnation = 0;  ///< drawn anew at each join; 0 is no incarnation
  endpoint address;
  double weight = 1.0;
  std::map<std::string, std::string> labels;
  std::uint64_t process = 0;  ///< drawn at its start; stays when it joins anew

  friend bool operator==(const member&, const member&) = default;
};

/// The members at one epoch. Equal epochs of one cluster mean equal members.
///
/// A value, committed in the coordination store; `members` is sorted by name, names are unique.
struct view {
  std::uint64_t epoch = 0;  ///< rises by one at each change; 0: no view yet
  std::vector<member> members;

  [[nodiscard]] const member* find(const std::string& name) const noexcept;
  friend bool operator==(const view&, const view&) = default;
};

}  // namespace troupe::sharding
