// What cells need of the node they live in.
#pragma once

#include "runtime/cell_ptr.hpp"
#include "runtime/timers.hpp"
#include <troupe/core/behaviour.hpp>
#include <troupe/core/detail/route.hpp>
#include <troupe/core/exit_reason.hpp>

#include <string>

namespace troupe::runtime {

/// Any thread may call.
class cell_services {
 public:
  virtual ~cell_services() = default;
  [[nodiscard]] virtual const std::string& node_name() const = 0;
  [[nodiscard]] virtual timers& clockwork() = 0;
  [[nodiscard]] virtual detail::locator& references() = 0;
  /// A cell known by its number, not yet launched.
  virtual cell_ptr make_child(cell& parent, detail::birth birth) = 0;
  /// An address for the cell, which is made known by its number if it was not.
  virtual detail::route route_to(cell& which) = 0;
  virtual void report_crash(const crash_report& report, crash_verdict verdict) = 0;
};

}  // namespace troupe::runtime
