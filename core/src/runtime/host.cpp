#include "runtime/host.hpp"

#include "runtime/cell.hpp"
#include "runtime/hosts.hpp"
#include "runtime/relax.hpp"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

namespace troupe::runtime {

namespace {
constinit thread_local host* running_here = nullptr;

constexpr int pauses_a_round = 16;             // a third of a microsecond
constexpr std::uint32_t least_rounds = 4;      // of a search
constexpr std::uint32_t most_rounds = 128;     // tens of microseconds
constexpr std::uint32_t stuck_after = 60;      // rounds in one turn: twenty microseconds
constexpr std::uint32_t common_every = 20;     // turns between looks at one of the common queues
constexpr std::uint32_t most_in_a_row = 32;    // turns of a rank before one of a lower rank
constexpr std::uint32_t many = 64;             // what one turn wakes beyond that comes later
constexpr std::uint32_t links_rest = 128;      // turns for which the links may be left alone
constexpr std::uint32_t gives_way_every = 32;  // turns of rank later
}  // namespace

host* host::current() noexcept {
  return running_here;
}

rank rank_of(const cell& ready, rank otherwise) noexcept {
  return ready.type().high_priority ? rank::first : otherwise;
}

// Those woken by one that wakes many are rather more than few, most of them still to come.
bool host::can_share() const noexcept {
  const bool soon = !must_yield() && !long_turn_.load(std::memory_order_relaxed) &&
                    !slow_.load(std::memory_order_relaxed);
  return waiting() > (soon ? backlog_.may_wait() : 0) || ready_[index_of(rank::later)].size() > 1;
}

void host::woken(cell& ready) noexcept {
  if (wake_sampler_.next()) ready.stamp();
  const bool one_of_many = serves_loop_ ? hosts::readying_many() : ++woken_in_turn_ > many;
  enqueue(ready, one_of_many ? rank::later : rank::next);
}

void host::enqueue(cell& ready, rank as) noexcept {
  const auto of = rank_of(ready, as);
  auto& queue = ready_[index_of(of)];
  if (!queue.push(&ready)) {
    // The older half goes to the common queue, in front of the new one.
    std::array<cell*, run_queue<cell>::capacity / 2> moved;
    const auto count = queue.steal(moved);
    all_.common().put(of, moved.data(), count);
    cell* const one = &ready;
    if (!queue.push(one)) all_.common().put(of, &one, 1);
  }
  if (can_share()) all_.call_for_help();
}

bool host::run() {
  running_here = this;
  all_.awake();
  while (auto* c = next()) {
    const auto turn = turns_.load(std::memory_order_relaxed);
    last_kind_.store(&c->made_as(), std::memory_order_release);
    turns_.store(turn + 1, std::memory_order_relaxed);
    mind_links(*c);
    running_ = c;
    woken_in_turn_ = 0;
    c->turn(*this);
    running_ = nullptr;
    turns_.store(turn + 2, std::memory_order_relaxed);
    if (must_yield()) yield_.store(false, std::memory_order_relaxed);
  }
  running_here = nullptr;
  net::write_burst::use(nullptr);
  return false;
}

cell* host::next() noexcept {
  if (++turns_given_ % common_every == 0) {
    const auto of = all_ranks[turns_given_ / common_every % all_ranks.size()];
    if (auto* c = take_common(of)) return c;
  }
  for (const auto of : {rank::first, rank::next}) {
    auto& row = in_a_row_[index_of(of)];
    if (row++ < most_in_a_row) {
      if (auto* c = ready_[index_of(of)].pop()) return c;
      if (auto* c = take_common(of)) return c;
    }
    row = 0;
  }
  if (auto* c = pop()) return c;
  return search();
}

// Any, those first that are passed over while there are others.
cell* host::pop() noexcept {
  if (auto* c = ready_[index_of(rank::later)].pop()) {
    leave_links();
    // Threads that were woken, of this node or another process, need not wait for a time slice.
    if (++laters_ % gives_way_every == 0) std::this_thread::yield();
    return c;
  }
  for (const auto of : {rank::next, rank::first}) {
    if (auto* c = ready_[index_of(of)].pop()) return c;
  }
  return nullptr;
}

// This host comes back to what its turns sent, and to the loop, when it has nothing else to do;
// what may take a while does not come before them.
void host::mind_links(const cell& next) noexcept {
  const bool long_turn = !next.made_as().turn.known_short();
  if (long_turn != long_turn_.load(std::memory_order_relaxed)) long_turn_.store(long_turn);
  net::write_burst::use(long_turn ? nullptr : &burst_);
  if (++since_loop_ % links_rest == 0 || long_turn) leave_links();
  if (long_turn && waiting() > 0) all_.call_for_help();
}

void host::leave_links() noexcept {
  burst_.flush();
  if (all_.loop_unserved()) all_.leave_loop();
}

cell* host::take_common(rank of) noexcept {
  auto& common = all_.common();
  auto* c = common.take(of, ready_[index_of(of)], all_.all().size());
  if (c && !common.empty()) all_.call_for_help();
  return c;
}

cell* host::take_common() noexcept {
  for (const auto of : all_ranks) {
    if (auto* c = take_common(of)) return c;
  }
  return nullptr;
}

cell* host::search() noexcept {
  net::write_burst::use(&burst_);
  long_turn_.store(false);
  for (bool spun = false;;) {
    burst_.flush();
    if (auto* c = take_common()) return c;
    if (!spun && all_.begin_search()) {
      auto* c = spin();
      all_.end_search();
      if (c) {
        if (can_share()) all_.call_for_help();
        return c;
      }
    }
    const bool served = serve_loop();
    if (auto* c = pop()) return c;
    if (!served && all_.go_to_sleep(*this)) return nullptr;
    spun = !all_.anything_ready();  // what called from the loop is with another host
  }
}

bool host::serve_loop() noexcept {
  since_loop_ = 0;
  serves_loop_ = true;
  const bool served = all_.serve_loop();
  serves_loop_ = false;
  return served;
}

// Longer when it paid last time, shorter when it did not.
cell* host::spin() noexcept {
  std::uint64_t seen = 0;
  std::uint32_t still = 0;
  const auto most = [&] { return still > 0 ? std::max(spin_rounds_, stuck_after) : spin_rounds_; };
  for (std::uint32_t round = 0; round < most(); ++round) {
    auto* c = take_common();
    if (!c) c = steal(seen, still);
    if (c) {
      // What was there at once does not show that waiting pays.
      if (round > 0) spin_rounds_ = std::min(2 * spin_rounds_, most_rounds);
      return c;
    }
    for (int i = 0; i < pauses_a_round; ++i) relax();
  }
  spin_rounds_ = std::max(spin_rounds_ / 2, least_rounds);
  return nullptr;
}

// A few cells are left to their host, which will come to them in no time, unless that host is seen
// to be stuck in one turn.
cell* host::steal(std::uint64_t& seen, std::uint32_t& still) noexcept {
  for (const auto& other : all_.all()) {
    if (other.get() == this || other->waiting() == 0) continue;
    if (!other->can_share()) {
      const auto turns = other->turns();
      if (seen != turns || ++still < stuck_after) {
        if (std::exchange(seen, turns) != turns) still = 0;
        continue;
      }
    }
    for (const auto of : all_ranks) {
      if (auto* c = take_from(*other, of)) return c;
    }
  }
  return nullptr;
}

// Our own queues were empty: there is room.
cell* host::take_from(host& other, rank of) noexcept {
  std::array<cell*, run_queue<cell>::capacity / 2> taken;
  const auto count = other.ready_[index_of(of)].steal(taken);
  for (std::uint32_t i = 1; i < count; ++i) ready_[index_of(of)].push(taken[i]);
  return count ? taken[0] : nullptr;
}

}  // namespace troupe::runtime
