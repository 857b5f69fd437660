// A supervisor's reports, as one log record and one event each.
#pragma once

#include <troupe/supervision/report.hpp>

#include <string>

namespace troupe::detail {
class node_inside;
}

namespace troupe::supervision {

/// `supervisor`: its path; `message`: of a crash, whose handler threw. Any thread.
void tell_report(detail::node_inside& node, const std::string& supervisor, const report& what,
                 const std::string& message);

}  // namespace troupe::supervision
