#include "supervision_events.hpp"

#include "inside.hpp"
#include <troupe/core/events.hpp>

#include <chrono>

namespace troupe::supervision {

namespace {

void log_report(detail::node_inside& node, const std::string& supervisor, const report& what,
                const reported_child& who) {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  node.log().error("supervised child " + std::string{to_string(what.kind)},
                   {{"supervisor", supervisor},
                    {"child", what.id},
                    {"why", to_string(what.why)},
                    {"message", who.message},
                    {"restart", what.restart},
                    {"of", what.limit.restarts},
                    {"in_ms", duration_cast<milliseconds>(what.limit.period).count()},
                    {"next", to_string(what.next)},
                    {"after_ms", duration_cast<milliseconds>(what.wait).count()}});
}

}  // namespace

void tell_report(detail::node_inside& node, const std::string& supervisor, const report& what,
                 const reported_child& who) {
  const bool frequent =
      what.kind == report_kind::ended || what.kind == report_kind::failed_to_start;
  if (!frequent || node.crashes().spend(who.behaviour, std::chrono::steady_clock::now())) {
    log_report(node, supervisor, what, who);
  }
  auto& events = node.events();
  if (!events.heard()) return;
  events.tell(child_report{supervisor, what.id, std::string{to_string(what.kind)},
                           to_string(what.why), std::string{who.message}, what.restart,
                           what.limit.restarts, what.limit.period,
                           std::string{to_string(what.next)}, what.wait});
}

void tell_refusal(detail::node_inside& node, const std::string& supervisor,
                  const std::string& child, std::string_view code, const std::string& why) {
  node.log().error("child not taken",
                   {{"supervisor", supervisor}, {"child", child}, {"code", code}, {"why", why}});
}

}  // namespace troupe::supervision
