#include <troupe/testing/simulated_journal.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace troupe::testing {

std::uint64_t journal_contents::fence(std::uint64_t epoch) noexcept {
  fence_ = std::max(fence_, epoch);
  return fence_;
}

journal_contents::answer journal_contents::append(std::uint64_t epoch, std::uint64_t expected,
                                                  const std::string& writer,
                                                  const std::vector<std::string>& events,
                                                  checks by) {
  if (by.fence && epoch < fence_) return answer::fenced;
  if (by.position && expected != events_.size()) return answer::conflict;
  fence_ = std::max(fence_, epoch);
  for (const auto& e : events) events_.push_back({epoch, writer, e});
  return answer::taken;
}

void simulated_journal::request(simulated_process& who, std::function<outcome()> carry_out,
                                std::function<void(outcome)> then) {
  const auto asked = time_->now();
  const auto there = asked + random_.exponential(plan_.journal_delay / 2);
  const auto back = there + random_.exponential(plan_.journal_delay / 2);
  if (!random_.chance(plan_.journal_unknown) && back < asked + patience) {
    auto got = std::make_shared<outcome>(outcome::unknown);
    time_->at(there, [got, carry_out = std::move(carry_out)] { *got = carry_out(); });
    who.plan(back, [got, then = std::move(then)] { then(*got); });
    return;
  }
  counts_.hit("journal request of unknown outcome");
  who.plan(asked + patience, [then] { then(outcome::unknown); });
  if (random_.chance(percent(33))) return;
  const auto late = random_.chance(percent(50)) ? there : random_.between(asked, asked + latest);
  if (late > asked + patience) counts_.hit("journal request carried out after its time-out");
  const bool answered = late > asked + patience && random_.chance(percent(50));
  time_->at(late, [this, &who, answered, life = who.life(), carry_out = std::move(carry_out),
                   then = std::move(then)] {
    const auto how = carry_out();
    if (answered && life == who.life()) who.plan(time_->now(), [how, then] { then(how); });
  });
}

void simulated_journal::fence(simulated_process& who, sharding::shard_id shard, std::uint64_t epoch,
                              fenced then) {
  auto by = std::make_shared<std::uint64_t>(0);
  request(
      who,
      [this, shard, epoch, by] {
        trace_->add(time_->now(), "fence", shard, epoch);
        *by = checks_.fence ? shards_[shard].fence(epoch) : epoch;
        return *by > epoch ? outcome::fenced : outcome::taken;
      },
      [by, then = std::move(then)](outcome how) { then(how, *by); });
}

void simulated_journal::append(simulated_process& who, const std::string& writer,
                               sharding::shard_id shard, std::uint64_t epoch,
                               std::uint64_t expected, std::vector<std::string> events,
                               appended then) {
  request(
      who,
      [this, shard, epoch, expected, writer, events = std::move(events)] {
        const auto how = shards_[shard].append(epoch, expected, writer, events, checks_);
        trace_->add(time_->now(), "append", shard, epoch, expected);
        switch (how) {
          case journal_contents::answer::taken: return outcome::taken;
          case journal_contents::answer::fenced:
            counts_.hit("appends fenced");
            return outcome::fenced;
          default: counts_.hit("appends in conflict"); return outcome::conflict;
        }
      },
      std::move(then));
}

void simulated_journal::replay(simulated_process& who, sharding::shard_id shard, replayed then) {
  auto events = std::make_shared<std::vector<journal_event>>();
  request(
      who,
      [this, shard, events] {
        *events = shards_[shard].events();
        return outcome::taken;
      },
      [events, then = std::move(then)](outcome how) { then(how, *events); });
}

}  // namespace troupe::testing
