// Keys that begin alike, as a range.
#pragma once

#include <string>

namespace troupe::sharding {

/// The first string above all that begin with `prefix`; "" when there is none.
[[nodiscard]] inline std::string end_of_prefix(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (!prefix.empty()) ++prefix.back();
  return prefix;
}

}  // namespace troupe::sharding
