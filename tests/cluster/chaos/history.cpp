#include "history.hpp"

#include <troupe/core/errc.hpp>

#include <algorithm>
#include <numeric>
#include <tuple>

namespace troupe::chaos {
namespace {

bool is_outcome(const record& r) {
  return r.what >= deed::appended;
}

void count_asks(const std::vector<record>& all, findings& out) {
  std::set<std::tuple<std::uint64_t, std::uint64_t, std::uint32_t, bool>> open;
  for (const auto& r : all) {
    const std::tuple which{r.sender, r.number, r.key, r.is_register};
    if (r.what == deed::will_ask) open.insert(which);
    if (!is_outcome(r)) continue;
    open.erase(which);
    ++(r.is_register ? out.register_asks : out.asks);
    const auto code = static_cast<errc>(r.code);
    if (code != errc::ok) ++out.asks_failed[std::string{to_string(code)}];
  }
  if (!open.empty()) out.asks_failed["open"] = open.size();
}

}  // namespace

void check_echoes(const std::vector<record>& all, const excuses& allowed, findings& out) {
  std::map<std::tuple<std::uint32_t, std::uint64_t, std::uint64_t>, std::int64_t> missing;
  for (const auto& r : all) {
    if (r.what != deed::passed_on && r.what != deed::echoed) continue;
    const bool heard = r.what == deed::echoed;
    out.passed_on += heard ? 0 : 1;
    auto& [which, open] = *missing.try_emplace({r.key, r.sender, r.number}, 0).first;
    open += heard ? -1 : 1;
  }
  for (const auto& [which, open] : missing) {
    const auto& [key, sender, number] = which;
    const std::string name = "what log " + std::to_string(key) + " passed on as message " +
                             std::to_string(number) + " of sender " + std::to_string(sender);
    // A process that was killed may have told, and not said so.
    if (open < -1 || (open < 0 && allowed.messages_of.empty())) {
      ++out.repeated;
      out.say(name + " was heard twice");
    }
    if (open <= 0) continue;
    if (!allowed.state_of.empty()) {
      ++out.excused;
    } else {
      ++out.lost;
      out.say(name + " was lost");
    }
  }
}

void add_unsaid(std::vector<record>& all, const std::vector<record>& held) {
  for (auto unsaid : held) {
    const auto behind = std::ranges::upper_bound(all, unsaid.at, {}, &record::at);
    for (auto last = behind; last != all.begin();) {
      --last;
      const bool lived = last->what == deed::held || last->what == deed::applied;
      if (!lived || last->key != unsaid.key || last->is_register != unsaid.is_register) continue;
      unsaid.life = last->life;
      all.insert(behind, unsaid);
      break;
    }
  }
}

void findings::say(const std::string& what) {
  if (++violations <= most_sentences) wrong.push_back(what);
}

void findings::add(const findings& other) {
  for (const auto count :
       {&findings::violations, &findings::told, &findings::applied, &findings::refused,
        &findings::lost, &findings::repeated, &findings::reordered, &findings::excused,
        &findings::arrivals, &findings::lives, &findings::asks, &findings::register_asks,
        &findings::linearized, &findings::passed_on}) {
    this->*count += other.*count;
  }
  for (const auto& [why, n] : other.asks_failed) asks_failed[why] += n;
}

std::uint64_t findings::failed() const {
  return std::accumulate(asks_failed.begin(), asks_failed.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& one) { return sum + one.second; });
}

findings check_history(const std::vector<record>& all, const excuses& allowed) {
  findings out;
  count_asks(all, out);
  check_logs(all, allowed, out);
  check_registers(all, out);
  check_echoes(all, allowed, out);
  return out;
}

}  // namespace troupe::chaos
