// The seed of a random test: printed, and taken back from TROUPE_SEED.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

namespace testing_support {

inline std::uint64_t seed() {
  const char* given = std::getenv("TROUPE_SEED");
  const std::uint64_t value = given ? std::stoull(given) : std::random_device{}();
  std::cout << "TROUPE_SEED=" << value << '\n';
  return value;
}

inline std::mt19937_64 seeded_random() {
  return std::mt19937_64{seed()};
}

}  // namespace testing_support
