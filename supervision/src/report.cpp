#include <troupe/supervision/report.hpp>

#include <array>

namespace troupe::supervision {

std::string_view to_string(report_kind kind) noexcept {
  static constexpr std::array<std::string_view, 6> names{
      "ended", "failed to start", "overran", "stopped badly", "abandoned", "gave up"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view to_string(next_step step) noexcept {
  static constexpr std::array<std::string_view, 4> names{"nothing", "restart", "try again",
                                                         "shut down"};
  return names[static_cast<std::size_t>(step)];
}

std::string to_string(const report& r) {
  std::string text = r.id + ' ' + std::string(to_string(r.kind)) + " (" + to_string(r.why) + "); ";
  if (r.next == next_step::restart) {
    text += "restart " + std::to_string(r.restart) + ", at most " +
            std::to_string(r.limit.restarts) + " in " + to_string(shutdown::within(r.limit.period));
  } else {
    text += "next: " + std::string(to_string(r.next));
  }
  return r.wait.count() ? text + ", in " + to_string(shutdown::within(r.wait)) : text;
}

}  // namespace troupe::supervision
