#include "shard_journals.hpp"

#include "journal/merged_entries.hpp"
#include "journal/open_journal.hpp"

#include <thread>
#include <utility>

namespace troupe::sharding {

namespace {

constexpr rules all_rules;

error not_kept(const std::string& why) {
  return {errc::unavailable, "nothing of it was kept: " + why};
}

std::string full_name(std::string_view type, std::string_view id) {
  std::string name{type};
  return (name += '/') += id;
}

}  // namespace

struct shard_journals::book {
  enum class phase : std::uint8_t { opening, open, lost };

  book(shard_id s, std::uint64_t e) : shard(s), epoch(e) {}

  const shard_id shard;
  const std::uint64_t epoch;
  std::mutex mutex;
  phase is = phase::opening;
  std::vector<std::pair<changes, output>> early;  // while it opens
  commit_gate<changes> gate{all_rules};
  std::unordered_map<std::uint64_t, output> held;  // by their numbers in the gate
  std::uint64_t last_output = 0;
  std::deque<output> free;  // to leave, in order
  bool leaving = false;     // a thread lets them leave
};

result<void> shard_journals::open(const node_options& options) {
  const std::lock_guard lock{mutex_};
  if (journal_) return {};
  auto opened = open_journal(options);
  if (!opened) return opened.why();
  journal_ = std::move(*opened);
  return {};
}

void shard_journals::stop() {
  std::shared_ptr<journal> last;
  {
    const std::lock_guard lock{mutex_};
    last = std::move(journal_);
  }
  while (last.use_count() > 1) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  last.reset();
  std::vector<shard_id> left;
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [shard, b] : books_) left.push_back(shard);
  }
  for (const auto shard : left) close(shard);
}

std::uint64_t shard_journals::known_above(shard_id shard, std::uint64_t epoch) {
  const std::lock_guard lock{mutex_};
  const auto known = fenced_by_others_.find(shard);
  return known != fenced_by_others_.end() && known->second > epoch ? known->second : 0;
}

void shard_journals::close(shard_id shard) {
  if (const auto b = found(shard)) lose(b, not_kept("its shard was given up here"));
}

void shard_journals::keep(std::string_view type, std::string_view id,
                          std::vector<runtime::kept_events>&& events, runtime::held_output what,
                          std::uint64_t& era) {
  const auto shard = links_.shard_of(type, id);
  const auto now = era_of(shard);
  if (era == 0) era = now;
  if (era != now) return what.drop(not_kept("its journal is read again"));
  const auto entity = full_name(type, id);
  changes all;
  for (auto& e : events) {
    all.push_back({entity, e.number, e.count, e.snapshot, std::move(e.body)});
  }
  add(shard, std::move(all), std::move(what));
}

void shard_journals::recall(std::string_view type, std::string_view id,
                            runtime::recollection done) {
  add(links_.shard_of(type, id), {}, reading{full_name(type, id), std::move(done)});
}

std::shared_ptr<journal> shard_journals::in_use_now() {
  const std::lock_guard lock{mutex_};
  return journal_;
}

std::uint64_t shard_journals::era_of(shard_id shard) {
  const std::lock_guard lock{mutex_};
  return 1 + losses_[base_of(shard)];
}

// Books.

shard_journals::book_ptr shard_journals::found(shard_id shard) {
  const std::lock_guard lock{mutex_};
  const auto known = books_.find(shard);
  return known == books_.end() ? nullptr : known->second;
}

// An entity that has just been promoted goes on in its old shard's until that is at rest.
shard_journals::book_ptr shard_journals::book_of(shard_id shard) {
  if (auto known = found(shard)) return known;
  if (const auto base = is_promoted(shard) ? found(base_of(shard)) : nullptr) {
    const std::lock_guard lock{base->mutex};
    if (base->is != book::phase::lost && !base->gate.idle()) return base;
  }
  const auto epoch = links_.epoch_of(shard);
  if (epoch == 0) return nullptr;
  book_ptr made;
  {
    const std::lock_guard lock{mutex_};
    if (!journal_) return nullptr;
    auto& place = books_[shard];
    if (place) return place;
    made = place = std::make_shared<book>(shard, epoch);
  }
  begin(made);
  return made;
}

void shard_journals::begin(const book_ptr& b) {
  const auto in = in_use_now();
  if (!in) return lose(b, not_kept("the node is stopping"));
  in->fence(b->shard, b->epoch,
            [this, b](const result<journal_fence>& fenced) { opened(b, fenced); });
}

void shard_journals::opened(const book_ptr& b, const result<journal_fence>& fenced) {
  if (!fenced) {
    log_.warn("a shard's journal cannot be opened; it is tried again",
              {{"shard", b->shard}, {"why", fenced.why().what}});
    return links_.later(fence_again, [this, b] {
      std::unique_lock lock{b->mutex};
      const bool waits = b->is == book::phase::opening;
      lock.unlock();
      if (waits) begin(b);
    });
  }
  if (fenced->epoch > b->epoch) {
    {
      const std::lock_guard lock{mutex_};
      fenced_by_others_[b->shard] = fenced->epoch;
    }
    lose(b, not_kept("another node owns it by now"));
    return links_.not_ours({b->shard, b->epoch, true, fenced->epoch});
  }
  std::unique_lock lock{b->mutex};
  if (b->is != book::phase::opening) return;
  b->is = book::phase::open;
  b->gate.begin(b->epoch, fenced->position);
  gate_result<changes> all;
  for (auto& [events, what] : std::exchange(b->early, {})) {
    const auto number = ++b->last_output;
    b->held.emplace(number, std::move(what));
    auto more = b->gate.add(std::move(events), number);
    all.released.insert(all.released.end(), more.released.begin(), more.released.end());
    if (more.append) all.append = std::move(more.append);
  }
  carry_out(b, lock, std::move(all));
}

// What comes and goes.

void shard_journals::add(shard_id shard, changes events, output what) {
  if (const auto b = book_of(shard)) return add_to(b, std::move(events), std::move(what));
  drop(what, not_kept("this node does not own its shard now"));
}

void shard_journals::add_to(const book_ptr& b, changes events, output what) {
  std::unique_lock lock{b->mutex};
  if (b->is == book::phase::opening) {
    b->early.emplace_back(std::move(events), std::move(what));
    return;
  }
  if (b->is == book::phase::lost) {
    lock.unlock();
    return drop(what, not_kept("its journal is read again"));
  }
  const auto number = ++b->last_output;
  b->held.emplace(number, std::move(what));
  carry_out(b, lock, b->gate.add(std::move(events), number));
}

void shard_journals::carry_out(const book_ptr& b, std::unique_lock<std::mutex>& lock,
                               gate_result<changes> result) {
  for (const auto number : result.released) {
    auto one = b->held.extract(number);
    b->free.push_back(std::move(one.mapped()));
  }
  if (result.append) {
    lock.unlock();
    append(b, std::move(*result.append));
    lock.lock();
  }
  let_leave(b, lock);
}

// One thread at a time, so that they leave in order.
void shard_journals::let_leave(const book_ptr& b, std::unique_lock<std::mutex>& lock) {
  if (b->leaving) return;
  b->leaving = true;
  while (!b->free.empty()) {
    auto now = std::exchange(b->free, {});
    lock.unlock();
    for (auto& one : now) leave(*b, one);
    lock.lock();
  }
  b->leaving = false;
}

void shard_journals::append(const book_ptr& b, gate_append<changes> what) {
  const auto in = in_use_now();
  if (!in) return lose(b, not_kept("the node is stopping"));
  shard_append whole{b->shard, what.epoch, what.expected, what.expected + what.events.size(),
                     merged(std::move(what.events))};
  in->append(std::move(whole),
             [this, b, request = what.request](append_outcome how, const std::string& why) {
               appended(b, request, how, why);
             });
}

void shard_journals::appended(const book_ptr& b, std::uint64_t request, append_outcome how,
                              const std::string& why) {
  {
    std::unique_lock lock{b->mutex};
    if (b->is != book::phase::open) return;
    if (how == append_outcome::taken) return carry_out(b, lock, b->gate.taken(request));
    if (!b->gate.failed(request)) return;
  }
  if (how == append_outcome::unknown) {
    log_.warn("a shard's journal does not answer; its entities are read again",
              {{"shard", b->shard}, {"why", why}});
    return lose(b, {errc::timeout, "its journal did not answer; it may have been handled"});
  }
  lose(b, not_kept(how == append_outcome::fenced ? "another node owns it by now"
                                                 : "its journal holds more than was known here"));
  if (how == append_outcome::fenced) links_.not_ours({b->shard, b->epoch, true, 0});
}

// Its entities do not live on before they are read again, in a book of their own time.
void shard_journals::lose(const book_ptr& b, const error& why) {
  std::unique_lock lock{b->mutex};
  if (std::exchange(b->is, book::phase::lost) == book::phase::lost) return;
  auto early = std::exchange(b->early, {});
  auto held = std::exchange(b->held, {});
  lock.unlock();
  links_.end_lives(b->shard);
  {
    const std::lock_guard all{mutex_};
    const auto known = books_.find(b->shard);
    if (known != books_.end() && known->second == b) books_.erase(known);
    ++losses_[base_of(b->shard)];
  }
  for (auto& one : early) drop(one.second, not_kept("its journal was not opened"));
  std::map<std::uint64_t, output> in_order;
  for (auto& [number, one] : held) in_order.emplace(number, std::move(one));
  for (auto& [number, one] : in_order) drop(one, why);
}

void shard_journals::leave(const book& b, output& what) {
  if (auto* const effects = std::get_if<runtime::held_output>(&what)) return effects->release();
  auto& wanted = std::get<reading>(what);
  if (auto from = in_use_now()) {
    reads_.read(std::move(from), std::move(wanted.entity), era_of(b.shard), std::move(wanted.done));
  } else {
    wanted.done(not_kept("the node is stopping"));
  }
}

void shard_journals::drop(output& what, const error& why) {
  if (auto* const effects = std::get_if<runtime::held_output>(&what)) return effects->drop(why);
  std::get<reading>(what).done(why);
}

}  // namespace troupe::sharding
