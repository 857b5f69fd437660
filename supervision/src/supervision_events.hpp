// A supervisor's reports, as one log record and one event each.
#pragma once

#include <troupe/supervision/report.hpp>

#include <string>
#include <string_view>

namespace troupe::detail {
class node_inside;
}

namespace troupe::supervision {

/// `supervisor`: its path; `message`: of a crash, whose handler threw. Any thread.
void tell_report(detail::node_inside& node, const std::string& supervisor, const report& what,
                 const std::string& message);

/// A child that an actor started was not taken; nobody else is told. `code`: the supervisor's word.
void tell_refusal(detail::node_inside& node, const std::string& supervisor,
                  const std::string& child, std::string_view code, const std::string& why);

}  // namespace troupe::supervision
