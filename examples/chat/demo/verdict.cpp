#include "verdict.hpp"

#include "figures.hpp"

#include <iostream>

namespace chat::demo {
namespace {

std::int64_t in_ms(steady::duration d) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
}

}  // namespace

void verdict::judge(const std::string& period, const findings& in_period) {
  found += in_period;
  if (in_period.clean()) return;
  complain(period + ": " + std::to_string(in_period.missing) + " missing, " +
           std::to_string(in_period.duplicated) + " duplicated, " +
           std::to_string(in_period.out_of_order) + " out of order, " +
           std::to_string(in_period.altered) + " altered");
}

void verdict::judge(const std::string& period, const std::vector<std::string>& wrong) {
  for (const auto& sentence : wrong) complain(period + ": " + sentence);
}

void print(verdict v) {
  print_figure("guilds", v.guilds);
  print_figure("users", v.users);
  print_figure("lines", v.lines);
  print_figure("said", v.total.said);
  print_figure("delivered", v.total.delivered);
  print_figure("missing", v.found.missing);
  print_figure("duplicated", v.found.duplicated);
  print_figure("out_of_order", v.found.out_of_order);
  print_figure("altered", v.found.altered);
  print_figure("unanswered", v.total.unanswered);
  print_figure("cut_off", v.total.cut_off);
  for (const auto& [code, count] : v.total.refused) print_figure("refused_" + code, count);
  if (!v.latencies.empty()) {
    print_figure("delivery_p50_ms", percentile(v.latencies, 50) / 1000.0, "ms");
    print_figure("delivery_p99_ms", percentile(v.latencies, 99) / 1000.0, "ms");
  }
  if (v.recovery) print_figure("recovery_ms", in_ms(*v.recovery), "ms");
  if (v.rejoin) print_figure("rejoin_ms", in_ms(*v.rejoin), "ms");
  print_figure("took", static_cast<double>(in_ms(v.took)) / 1000.0, "s");

  if (v.total.unanswered > 0) {
    v.complain(std::to_string(v.total.unanswered) + " says had no answer within " +
               std::to_string(answer_patience.count()) + " s");
  }
  std::string reasons;
  for (const auto& complaint : v.complaints) reasons += (reasons.empty() ? "" : "; ") + complaint;
  std::cout << (v.passed() ? "check passed" : "check failed: " + reasons) << std::endl;
}

}  // namespace chat::demo
