// check_registers of history.hpp.
#include "history.hpp"
#include <troupe/core/errc.hpp>
#include <troupe/testing/linearizability.hpp>
#include <troupe/testing/sequential_models.hpp>

#include <algorithm>
#include <limits>
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

struct life_of_register {
  std::vector<const record*> answers;
  std::int64_t first_answer = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_question = 0;
};

class register_check {
 public:
  register_check(std::uint32_t key, const excuses& allowed, findings& out)
      : name_("register " + std::to_string(key)), allowed_(allowed), out_(out) {}

  void take(const record& r) {
    if (r.what == deed::held) return hold(r);
    if (r.what == deed::will_ask) {
      open_.insert_or_assign({r.sender, r.number}, &r);
      return;
    }
    const auto code = static_cast<errc>(r.code);
    const bool unknown = code == errc::timeout || code == errc::crashed;
    if (!unknown) open_.erase({r.sender, r.number});
    if (code == errc::ok) {
      auto& life = lives_[r.life];
      life.answers.push_back(&r);
      life.first_answer = std::min(life.first_answer, r.at);
      life.last_question = std::max(life.last_question, r.begun);
    } else if (!unknown && r.value != 0) {
      refused_.push_back(&r);
    }
  }

  void finish() {
    for (const auto& [life, book] : lives_) check_life(life, book);
    for (auto a = lives_.begin(); a != lives_.end(); ++a) {
      for (auto b = std::next(a); b != lives_.end(); ++b) check_apart(a->second, b->second);
    }
  }

 private:
  void hold(const record& r) {
    out_.arrivals += r.changed ? 1 : 0;
    if (life_ != 0 && r.life != life_ && !allowed_.state_of.contains(holder_)) {
      out_.say(name_ + ": its state was lost, though process " + std::to_string(holder_) +
               ", which held it, did not die");
    }
    life_ = r.life;
    holder_ = r.process;
  }

  void check_life(std::uint64_t life, const life_of_register& book) {
    std::vector<operation> history;
    std::set<std::int64_t> seen;
    for (const auto* r : book.answers) {
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
    out_.say(name_ + ", life " + std::to_string(life) +
             (is == testing::verdict::unknown ? ": took too long to check" : ": not linearizable"));
  }

  // Either all of one was before all of the other, or the other way round.
  void check_apart(const life_of_register& a, const life_of_register& b) {
    if (a.first_answer < b.last_question && b.first_answer < a.last_question) {
      out_.say(name_ + " answered from two states in turn");
    }
  }

  std::string name_;
  const excuses& allowed_;
  findings& out_;
  std::uint64_t life_ = 0;
  std::uint32_t holder_ = 0;
  std::map<std::uint64_t, life_of_register> lives_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, const record*> open_;
  std::vector<const record*> refused_;
};

}  // namespace

void check_registers(const std::vector<record>& all, const excuses& allowed, findings& out) {
  std::map<std::uint32_t, register_check> keys;
  for (const auto& r : all) {
    if (!r.is_register) continue;
    keys.try_emplace(r.key, r.key, allowed, out).first->second.take(r);
  }
  for (auto& [key, check] : keys) check.finish();
}

}  // namespace troupe::chaos
