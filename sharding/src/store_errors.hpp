// What every coordination store says alike.
#pragma once

#include <troupe/sharding/coordination_store.hpp>

#include <string>

namespace troupe::sharding {

[[nodiscard]] inline error lease_ended(lease_id lease) {
  return {errc::refused,
          "lease " + std::to_string(lease) +
              " has ended or never was; it cannot be renewed or written under, grant a new one"};
}

}  // namespace troupe::sharding
