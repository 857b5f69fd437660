#include "journal_reads.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace troupe::sharding {

namespace {

std::vector<runtime::kept_events> all_of(entity_history&& found) {
  std::vector<runtime::kept_events> all;
  const auto give = [&](journal_entry& e) {
    all.push_back({e.number, e.count, e.snapshot, std::move(e.body)});
  };
  if (found.snapshot) give(*found.snapshot);
  for (auto& e : found.events) give(e);
  return all;
}

}  // namespace

void journal_reads::read(std::shared_ptr<journal> from, std::string entity, std::uint64_t era,
                         runtime::recollection done) {
  wish what{std::move(from), std::move(entity), era, std::move(done)};
  {
    const std::lock_guard lock{mutex_};
    if (running_ >= most) return waiting_.push_back(std::move(what));
    ++running_;
  }
  begin(std::move(what));
}

void journal_reads::begin(wish what) {
  auto& from = *what.from;
  from.read(std::move(what.entity),
            [this, era = what.era, done = std::move(what.done)](auto found) {
              if (found) {
                done(runtime::kept_memory{all_of(std::move(*found)), era});
              } else {
                done(found.why());
              }
              ended();
            });
}

void journal_reads::ended() {
  std::optional<wish> next;
  {
    const std::lock_guard lock{mutex_};
    if (waiting_.empty()) return void(--running_);
    next = std::move(waiting_.front());
    waiting_.pop_front();
  }
  begin(std::move(*next));
}

}  // namespace troupe::sharding
