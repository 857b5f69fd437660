#include "runtime/hosts.hpp"

#include "runtime/cell.hpp"
#include "runtime/ready_batch.hpp"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

namespace troupe::runtime {

namespace {
constinit thread_local bool one_of_many = false;
}

bool hosts::readies_many(bool so) noexcept {
  return std::exchange(one_of_many, so);
}

bool hosts::readying_many() noexcept {
  return one_of_many;
}

hosts::hosts(std::uint32_t workers, watch::report on_long)
    : scheduler_(start_scheduler(workers)), watch_(*this, std::move(on_long)) {
  for (std::uint32_t i = 0; i < workers; ++i) {
    all_.push_back(std::make_unique<host>(*this, i));
    scheduler_->adopt(*all_.back());
    sleeping_.push_back(all_.back().get());
  }
  sleeping_count_ = workers;
  watch_.start();
}

hosts::~hosts() = default;

void hosts::serve_when_idle(detail::poller& loop) {
  loop.relieve({.could = [this] { return helped_.exchange(false); },
                .come = [this] { return sleeping_count_.load() < all_.size(); }});
  loop_ = &loop;
}

void hosts::stop() {
  watch_.stop();
  while (entering_.load() != 0 || !all_asleep()) std::this_thread::yield();
  scheduler_.reset();
}

void hosts::ready(cell& c) noexcept {
  if (auto* here = host::current(); here && &here->all() == this) return here->woken(c);
  if (auto* const batch = ready_batch::here()) return batch->add(*this, c);
  cell* const one = &c;
  ready(&one, 1);
}

void hosts::ready(cell* const* first, std::uint32_t count) noexcept {
  // Counted before a cell can run, so that `stop` waits for us: its end may be all it waits for.
  entering_.fetch_add(1);
  const auto otherwise = one_of_many ? rank::later : rank::next;
  for (const auto* const end = first + count; first != end;) {
    const auto of = rank_of(**first, otherwise);
    const auto* const next =
        std::find_if(first, end, [&](const cell* c) { return rank_of(*c, otherwise) != of; });
    common_.put(of, first, static_cast<std::uint32_t>(next - first));
    first = next;
  }
  call_for_help();
  entering_.fetch_sub(1);
}

bool hosts::begin_search() noexcept {
  const auto limit = std::max<std::uint32_t>(1, static_cast<std::uint32_t>(all_.size()) / 2);
  if (searching_.fetch_add(1) < limit) return true;
  searching_.fetch_sub(1);
  return false;
}

// What is common, or more than its host can do next.
bool hosts::anything_ready() const noexcept {
  if (!common_.empty()) return true;
  return std::any_of(all_.begin(), all_.end(), [](const auto& h) { return h->can_share(); });
}

// Listed first, then looked: whoever puts something there looks at the list after that.
bool hosts::go_to_sleep(host& h) noexcept {
  {
    const std::lock_guard lock{sleeping_mutex_};
    sleeping_.push_back(&h);
    sleeping_count_.store(sleeping_.size());
  }
  if (!anything_ready() && !loop_unserved()) return true;
  const std::lock_guard lock{sleeping_mutex_};
  const auto found = std::find(sleeping_.begin(), sleeping_.end(), &h);
  if (found == sleeping_.end()) return true;  // being woken
  sleeping_.erase(found);
  sleeping_count_.store(sleeping_.size());
  return false;
}

void hosts::call_for_help() noexcept {
  if (searching_.load() != 0 || waking_.load()) return;
  if (sleeping_count_.load() == 0) return call_from_loop();
  host* woken = nullptr;
  {
    const std::lock_guard lock{sleeping_mutex_};
    if (sleeping_.empty() || waking_.exchange(true)) return;
    woken = sleeping_.back();
    sleeping_.pop_back();
    sleeping_count_.store(sleeping_.size());
  }
  helped_ = true;
  watch_.begin();
  scheduler_->submit(*woken);
}

// The one that serves the loop comes by itself when it is the one that calls.
void hosts::call_from_loop() noexcept {
  if (!waits_in_loop_.load()) return;
  if (const auto* here = host::current(); here && here->serves_loop()) return;
  if (waits_in_loop_.exchange(false)) loop_.load()->interrupt();
}

// Said to wait first, then looked: whoever puts something there looks at that after it.
bool hosts::serve_loop() {
  auto* loop = loop_.load();
  if (!loop || !loop->begin()) return false;
  waits_in_loop_.store(true);
  if (!anything_ready()) loop->serve();
  waits_in_loop_.store(false);
  watch_.begin();
  loop->end();
  return true;
}

void hosts::leave_loop() noexcept {
  if (auto* loop = loop_.load()) loop->serve_alone();
}

account hosts::account_of(const kind& k) const noexcept {
  account sum;
  const auto add = [&](const accounts& books) {
    const auto* counted = books.find(k.index);
    if (!counted) return;
    const auto read = [](const auto& c) { return c.load(std::memory_order_relaxed); };
    sum.messages += read(counted->messages);
    sum.busy += std::chrono::microseconds{read(counted->busy_us)};
    sum.waited += std::chrono::microseconds{read(counted->waited_us)};
    sum.bytes_in += read(counted->bytes_in);
    sum.bytes_out += read(counted->bytes_out);
  };
  for (const auto& h : all_) add(h->books());
  add(outside_);
  return sum;
}

}  // namespace troupe::runtime
