#include "tally.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace chat::demo {
namespace {

constexpr std::array<std::string_view, 4> right_codes{"unavailable", "timeout", "not_joined",
                                                      "overloaded"};

std::map<std::string, std::uint64_t> refused_between(const tally& before, const tally& after) {
  auto counts = after.refused;
  for (const auto& [code, count] : before.refused) counts[code] -= count;
  return counts;
}

}  // namespace

std::string failures_between(const tally& before, const tally& after) {
  auto counts = refused_between(before, after);
  counts["cut off"] = after.cut_off - before.cut_off;
  counts["unanswered"] = after.unanswered - before.unanswered;
  std::string text;
  for (const auto& [why, count] : counts) {
    if (count > 0) text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + why;
  }
  return text;
}

std::vector<std::string> wrong_refusals(const tally& before, const tally& after) {
  std::vector<std::string> wrong;
  for (const auto& [code, count] : refused_between(before, after)) {
    if (count == 0 || std::ranges::find(right_codes, code) != right_codes.end()) continue;
    wrong.push_back(std::to_string(count) + " says were refused with " + code +
                    ", which no failing node explains");
  }
  return wrong;
}

std::vector<std::string> wrong_after_kill(const tally& before, const tally& after) {
  auto wrong = wrong_refusals(before, after);
  if (refused_between(before, after)["unavailable"] == 0) {
    wrong.emplace_back("no say was refused with unavailable, although guilds lived on that node");
  }
  return wrong;
}

}  // namespace chat::demo
