// check_registers of history.hpp.
#include "history.hpp"
#include <troupe/core/errc.hpp>
#include <troupe/testing/linearizability.hpp>
#include <troupe/testing/sequential_models.hpp>

#include <optional>
#include <tuple>
#include <unordered_map>

namespace troupe::chaos {
namespace {

using model = testing::register_model;
using operation = testing::performed<model::operation>;

model::state state_of(std::int64_t value) {
  return value == 0 ? std::nullopt : model::state{value};
}

// One whose outcome is known, which tells what the register held.
operation known(const record& r, const std::string& name) {
  operation o{name, {}, static_cast<std::uint64_t>(r.begun), static_cast<std::uint64_t>(r.at)};
  if (r.what == deed::wrote) {
    o.what = {model::kind::write, state_of(r.value)};
  } else if (r.what == deed::exchanged && r.changed) {
    o.what = {model::kind::compare_and_set, state_of(r.value), state_of(r.expected)};
  } else {
    o.what = {model::kind::read, state_of(r.seen)};
  }
  return o;
}

operation open(const record& r, const std::string& name) {
  operation o{name, {}, static_cast<std::uint64_t>(r.begun), testing::never};
  o.what = {r.changed ? model::kind::compare_and_set : model::kind::write, state_of(r.value),
            state_of(r.expected), false};
  return o;
}

class register_check {
 public:
  register_check(std::uint32_t key, findings& out)
      : name_("register " + std::to_string(key)), out_(out) {}

  void take(const record& r) {
    if (r.what == deed::held) {
      out_.arrivals += r.changed ? 1 : 0;
      return;
    }
    if (r.what == deed::will_ask) {
      open_.insert_or_assign({r.sender, r.number}, &r);
      return;
    }
    const auto code = static_cast<errc>(r.code);
    const bool unknown = code == errc::timeout || code == errc::crashed;
    if (!unknown) open_.erase({r.sender, r.number});
    if (code == errc::ok) {
      answers_.push_back(&r);
    } else if (!unknown && r.value != 0) {
      refused_.push_back(&r);
    }
  }

  void finish() {
    std::vector<operation> history;
    std::set<std::int64_t> seen;
    for (const auto* r : answers_) {
      history.push_back(known(*r, name_));
      seen.insert(r->seen);
    }
    // Values are never written twice: one that nobody has seen changes nothing for anybody.
    for (const auto& [who, r] : open_) {
      if (seen.contains(r->value)) history.push_back(open(*r, name_));
    }
    for (const auto* r : refused_) {
      if (seen.contains(r->value)) out_.say(name_ + " holds a value that was refused");
    }
    out_.linearized += history.size();
    const auto is = testing::check_linearizable<model>(history).is;
    if (is == testing::verdict::linearizable) return;
    out_.say(name_ +
             (is == testing::verdict::unknown ? ": took too long to check" : ": not linearizable"));
  }

 private:
  std::string name_;
  findings& out_;
  std::vector<const record*> answers_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, const record*> open_;
  std::vector<const record*> refused_;
};

}  // namespace

void check_registers(const std::vector<record>& all, findings& out) {
  std::map<std::uint32_t, register_check> keys;
  for (const auto& r : all) {
    if (!r.is_register) continue;
    keys.try_emplace(r.key, r.key, out).first->second.take(r);
  }
  for (auto& [key, check] : keys) check.finish();
}

}  // namespace troupe::chaos
