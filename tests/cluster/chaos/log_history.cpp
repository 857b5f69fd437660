// check_logs of history.hpp.
#include "history.hpp"
#include "log_entity.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace troupe::chaos {
namespace {

// An owner that lost its lease is sent to until the sender has read who came after it.
constexpr std::int64_t time_to_learn = 1'000'000'000;

struct life_book {
  std::vector<const record*> entries;  // applied, in order
  std::uint32_t holder = 0;            // who held it last
};

// A life that ended, in which an owner that is excused may have taken messages along.
struct break_in_life {
  std::int64_t at = 0;    // the next life was first heard of
  std::size_t after = 0;  // index among all that was applied to the key
};

struct number_fate {
  const record* sent = nullptr;
  bool must = false;  // be applied
};

class log_check {
 public:
  log_check(std::uint32_t key, const excuses& allowed, findings& out)
      : name_("log " + std::to_string(key)), allowed_(allowed), out_(out) {}

  void take(const record& r) {
    if (r.what == deed::held || r.what == deed::applied) lived(r);
    if (r.what == deed::applied) applied(r);
    if (r.what == deed::told || r.what == deed::appended) sent_[r.sender].push_back(&r);
    if (r.what == deed::told) ++out_.told;
    if (r.what == deed::refused) ++out_.refused;
    const bool answered = r.what == deed::appended || r.what == deed::read_log;
    if (answered && r.code == 0) answers_.push_back(&r);
  }

  void finish() {
    for (const auto* a : answers_) check_answer(*a);
    for (auto& [sender, all] : sent_) check_sender(sender, all);
    out_.lives += lives_.size();
  }

 private:
  static std::string message(std::uint64_t sender, std::uint64_t number) {
    return " message " + std::to_string(number) + " of process " + std::to_string(sender / 4) +
           "/" + std::to_string(sender % 4);
  }

  void lived(const record& r) {
    if (r.what == deed::held && r.changed) ++out_.arrivals;
    if (r.life != life_) begin_life(r);
    lives_[life_].holder = r.process;
  }

  void begin_life(const record& r) {
    if (lives_.contains(r.life)) {
      out_.say(name_ + ": process " + std::to_string(r.process) +
               " speaks for a life that had ended");
    } else if (life_ != 0) {
      const auto holder = lives_[life_].holder;
      if (!allowed_.state_of.contains(holder)) {
        out_.say(name_ + ": its state was lost, though process " + std::to_string(holder) +
                 ", which held it, did not die");
      }
      breaks_.push_back({r.at, order_.size()});
    }
    life_ = r.life;
  }

  void applied(const record& r) {
    ++out_.applied;
    auto& entries = lives_[r.life].entries;
    const auto before = entries.empty() ? 0 : entries.back()->digest;
    if (r.size != entries.size() + 1) {
      out_.say(name_ + ": entry " + std::to_string(r.size) + " of process " +
               std::to_string(r.process) + " comes after entry " + std::to_string(entries.size()));
    } else if (r.digest != log_entity::next_digest(entries.size(), before, r.sender, r.number)) {
      out_.say(name_ + ": entry " + std::to_string(r.size) + " does not follow from those before");
    }
    entries.push_back(&r);
    in_order_of_sender(r);
    order_.push_back(&r);
  }

  void in_order_of_sender(const record& r) {
    auto& seen = places_[r.sender];
    if (seen.contains(r.number)) {
      ++out_.repeated;
      out_.say(name_ + message(r.sender, r.number) + " was applied twice");
    } else if (!seen.empty() && seen.rbegin()->first > r.number) {
      ++out_.reordered;
      out_.say(name_ + message(r.sender, r.number) + " was applied after a later one");
    }
    seen.emplace(r.number, order_.size());
  }

  void check_answer(const record& a) {
    const auto& entries = lives_[a.life].entries;
    if (a.size > entries.size()) return out_.say(name_ + ": an answer knows more than there was");
    const auto* last = a.size == 0 ? nullptr : entries[a.size - 1];
    if (a.digest != (last ? last->digest : 0)) {
      out_.say(name_ + ": an answer of " + std::to_string(a.size) + " entries has other ones");
    }
    if (last && last->at > a.at) out_.say(name_ + ": an answer came before what it tells");
    if (a.size < entries.size() && entries[a.size]->at < a.begun) {
      out_.say(name_ + ": an answer is older than its question, by process " +
               std::to_string(a.process));
    }
    if (a.what == deed::appended && (last->sender != a.sender || last->number != a.number)) {
      out_.say(name_ + message(a.sender, a.number) + " was answered for another");
    }
  }

  void check_sender(std::uint64_t sender, const std::vector<const record*>& all) {
    const auto& places = places_[sender];
    for (const auto* sent : all) {
      const auto code = static_cast<errc>(sent->code);
      const bool there = places.contains(sent->number);
      if (there && code != errc::ok && code != errc::timeout && code != errc::crashed) {
        out_.say(name_ + message(sender, sent->number) + " was refused as " +
                 std::string{to_string(code)} + " and applied");
      }
      if (there || code != errc::ok) continue;
      if (sent->what == deed::told && is_excused(*sent, places)) {
        ++out_.excused;
        continue;
      }
      ++out_.lost;
      out_.say(name_ + message(sender, sent->number) + " was lost");
    }
  }

  // Between what came before and what came after it, a life ended; or its sender did.
  bool is_excused(const record& sent, const std::map<std::uint64_t, std::size_t>& places) const {
    const auto next = places.upper_bound(sent.number);
    if (next == places.end() && allowed_.messages_of.contains(sent.process)) return true;
    const std::size_t from = next == places.begin() ? 0 : std::prev(next)->second + 1;
    const std::size_t to = next == places.end() ? order_.size() : next->second;
    return std::ranges::any_of(breaks_, [&](const break_in_life& b) {
      return b.after >= from && b.after <= to && sent.begun <= b.at + time_to_learn;
    });
  }

  std::string name_;
  const excuses& allowed_;
  findings& out_;
  std::uint64_t life_ = 0;
  std::map<std::uint64_t, life_book> lives_;
  std::vector<break_in_life> breaks_;
  std::vector<const record*> order_, answers_;
  std::map<std::uint64_t, std::map<std::uint64_t, std::size_t>> places_;  // in `order_`
  std::map<std::uint64_t, std::vector<const record*>> sent_;
};

}  // namespace

void check_logs(const std::vector<record>& all, const excuses& allowed, findings& out) {
  std::map<std::uint32_t, log_check> keys;
  for (const auto& r : all) {
    if (r.is_register) continue;
    keys.try_emplace(r.key, r.key, allowed, out).first->second.take(r);
  }
  for (auto& [key, check] : keys) check.finish();
}

}  // namespace troupe::chaos
