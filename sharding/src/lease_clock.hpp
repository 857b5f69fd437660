// The clock by which a store ends leases: a reading, and the boot to which readings belong.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace troupe::sharding {

/// Never runs backwards. Readings are only compared within one `boot`.
struct lease_clock {
  std::function<std::chrono::nanoseconds()> now;
  std::string boot;  ///< leases granted in another boot of the machine have ended
};

/// This process's steady clock; leases it times do not outlive the process.
[[nodiscard]] lease_clock process_clock();

/// CLOCK_BOOTTIME and the kernel's boot id: one time for all processes of the machine, also through
/// suspend.
[[nodiscard]] lease_clock machine_clock();

/// Whether machine_clock() shows less than `until`, for those who ask all the time: while a thread
/// asks for the same `until`, and that is far, most answers cost a few nanoseconds.
[[nodiscard]] bool machine_is_before(std::chrono::nanoseconds until);

}  // namespace troupe::sharding
