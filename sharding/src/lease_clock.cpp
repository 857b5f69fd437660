#include "lease_clock.hpp"

#include <cstdint>
#include <fstream>
#include <time.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace troupe::sharding {
namespace {

std::chrono::nanoseconds since_boot() {
  timespec t{};
  clock_gettime(CLOCK_BOOTTIME, &t);
  return std::chrono::seconds{t.tv_sec} + std::chrono::nanoseconds{t.tv_nsec};
}

std::string first_line(const char* path) {
  std::ifstream file{path};
  std::string line;
  std::getline(file, line);
  return line;
}

#if defined(__x86_64__)
/// The kernel itself tells time by the processor's counter: it has found it even, never at rest,
/// and the same on all cores.
bool counter_tells_time() {
  return first_line("/sys/devices/system/clocksource/clocksource0/current_clocksource") == "tsc";
}
#endif

}  // namespace

lease_clock process_clock() {
  return {
      [] { return std::chrono::nanoseconds{std::chrono::steady_clock::now().time_since_epoch()}; },
      "process"};
}

lease_clock machine_clock() {
  return {since_boot, first_line("/proc/sys/kernel/random/boot_id")};
}

bool machine_is_before(std::chrono::nanoseconds until) {
#if defined(__x86_64__)
  // So many counts pass in less than `far` on any processor of more than 50 MHz.
  constexpr std::uint64_t near_counts = 50'000;
  constexpr std::chrono::milliseconds far{1};
  struct sight {
    std::chrono::nanoseconds until = std::chrono::nanoseconds::min();
    std::uint64_t at = 0;  // the counter, when `until` was at least `far` away
  };
  constinit thread_local sight last;
  static const bool counted = counter_tells_time();
  const auto count = counted ? __rdtsc() : 0;
  if (counted && last.until == until && count - last.at < near_counts) return true;
  const auto now = since_boot();
  if (now + far <= until) last = {until, count};
  return now < until;
#else
  return since_boot() < until;
#endif
}

}  // namespace troupe::sharding
