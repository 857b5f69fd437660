#include "lease_clock.hpp"

#include <fstream>
#include <time.h>

namespace troupe::sharding {
namespace {

std::chrono::nanoseconds since_boot() {
  timespec t{};
  clock_gettime(CLOCK_BOOTTIME, &t);
  return std::chrono::seconds{t.tv_sec} + std::chrono::nanoseconds{t.tv_nsec};
}

std::string boot_id() {
  std::ifstream file{"/proc/sys/kernel/random/boot_id"};
  std::string id;
  std::getline(file, id);
  return id;
}

}  // namespace

lease_clock process_clock() {
  return {
      [] { return std::chrono::nanoseconds{std::chrono::steady_clock::now().time_since_epoch()}; },
      "process"};
}

lease_clock machine_clock() {
  return {since_boot, boot_id()};
}

}  // namespace troupe::sharding
