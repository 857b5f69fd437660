// A supervisor's reports, as one log record and one event each.
#pragma once

#include <troupe/supervision/report.hpp>

#include <string>
#include <string_view>

namespace troupe::detail {
class node_inside;
}

namespace troupe::supervision {

/// Whom a report is about, as far as its supervisor's core does not know.
struct reported_child {
  std::string_view behaviour;  ///< static
  std::string_view message;    ///< of a crash, whose handler threw
};

/// `supervisor`: its path. Of crashes and failing starts not each one is logged, so that a storm
/// is not slowed down by its log; the others are counted (crash_log). Any thread.
void tell_report(detail::node_inside& node, const std::string& supervisor, const report& what,
                 const reported_child& who);

/// A child that an actor started was not taken; nobody else is told. `code`: the supervisor's word.
void tell_refusal(detail::node_inside& node, const std::string& supervisor,
                  const std::string& child, std::string_view code, const std::string& why);

}  // namespace troupe::supervision
