// What cells need of the node they live in.
#pragma once

#include "runtime/alarm_clock.hpp"
#include "runtime/cell_ptr.hpp"
#include "runtime/event_hub.hpp"
#include <troupe/core/behaviour.hpp>
#include <troupe/core/detail/kept_child.hpp>
#include <troupe/core/detail/route.hpp>
#include <troupe/core/exit_reason.hpp>
#include <troupe/core/offload.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::runtime {

/// Any thread may call.
class cell_services {
 public:
  virtual ~cell_services() = default;
  [[nodiscard]] virtual const std::string& node_name() const = 0;
  [[nodiscard]] virtual alarm_clock& clockwork() = 0;
  [[nodiscard]] virtual detail::locator& references() = 0;
  /// An actor whose parent this is, not yet launched.
  virtual cell_ptr make_child(cell& parent, detail::birth birth) = 0;
  /// One that the parent is to keep.
  virtual cell_ptr make_kept_child(cell& parent, detail::birth birth) = 0;
  /// A number no other actor of this node name has had.
  virtual std::uint64_t next_number() = 0;
  /// Makes `which` reachable by its number until it ends.
  virtual void introduce(cell& which) = 0;
  /// Throws std::logic_error when there is no such pool.
  virtual detail::offload_queue& pool_called(std::string_view name) = 0;
  virtual event_hub& events() = 0;
  virtual void report_crash(const crash_report& report, const crash_decision& decision) = 0;
};

}  // namespace troupe::runtime
