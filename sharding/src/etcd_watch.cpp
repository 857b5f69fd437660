#include "etcd_watch.hpp"

#include <algorithm>
#include <utility>

namespace troupe::sharding::etcd {
namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

milliseconds pause_after(std::size_t failures) {
  return std::min(milliseconds{500}, milliseconds{10} * (1u << std::min<std::size_t>(failures, 6)));
}

}  // namespace

watch::watch(client& through, std::string prefix, revision since)
    : client_(through), prefix_(std::move(prefix)), since_(since), thread_([this] { run(); }) {}

watch::~watch() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    if (link_ != nullptr) link_->abort();
  }
  changed_.notify_all();
  thread_.join();
}

result<revision> watch::wait(revision seen, milliseconds timeout) {
  std::unique_lock lock{mutex_};
  const auto over = [&] { return interrupted_ || went_back_ || known_ > seen || failure_; };
  changed_.wait_for(lock, timeout, over);
  if (std::exchange(interrupted_, false)) return std::max(known_, seen);
  if (std::exchange(went_back_, false)) return known_;
  if (known_ > seen || !failure_) return std::max(known_, seen);
  return error{errc::store_failed, *failure_};
}

void watch::interrupt() {
  const std::lock_guard lock{mutex_};
  interrupted_ = true;
  changed_.notify_all();
}

void watch::run() {
  for (std::size_t at = 0;; at = (at + 1) % client_.servers()) {
    const auto link = client_.dial(at);
    {
      const std::lock_guard lock{mutex_};
      if (stopping_) return;
      link_ = link.get();
    }
    std::optional<std::string> why;
    try {
      follow(*link);
    } catch (const http_failure& e) {
      why = client_.url(at) + ": " + e.what();
    }
    std::unique_lock lock{mutex_};
    link_ = nullptr;
    if (!why) continue;
    if (++failures_ >= client_.servers()) {
      failure_ = std::move(why);
      changed_.notify_all();
    }
    changed_.wait_for(lock, pause_after(failures_), [this] { return stopping_; });
  }
}

// Returns when another watch is to be opened, though nothing failed.
void watch::follow(connection& link) {
  const deadline begin_by = clock::now() + client::patience;
  link.open(std::min(begin_by, clock::now() + client::connect_patience));
  const std::string proof = client_.token(link, begin_by);
  const unsigned status =
      link.post_for_lines("/v3/watch", watch_request(prefix_, since_), proof, begin_by);
  if (status != 200) throw http_failure{true, "HTTP " + std::to_string(status)};
  const auto line_by = [&](deadline until) {
    auto line = parse_watch(link.next_line(until));
    if (!line) throw http_failure{true, line.why().what};
    return *line;
  };
  const watch_line first = line_by(begin_by);
  if (first.canceled && first.compacted == 0) {
    client_.forget(proof);
    if (!proof.empty() && !std::exchange(refused_, true)) return;
    throw http_failure{true, first.why};
  }
  if (created(first)) return;
  for (;;) {
    const deadline until = clock::now() + longest_silence;
    try {
      if (heard(line_by(until))) return;
    } catch (const http_failure&) {
      if (clock::now() < until) throw;
      return;
    }
  }
}

bool watch::created(const watch_line& first) {
  failures_ = 0;
  refused_ = false;
  bool behind = false;
  {
    const std::lock_guard lock{mutex_};
    failure_.reset();
    behind = first.at < known_;
    if (since_ == 0) known_ = std::max(known_, first.at);
    changed_.notify_all();
  }
  if (since_ == 0) since_ = first.at;
  if (!behind) return false;
  // This server lags behind, or revisions began anew. Only a majority's answer tells which.
  const auto body = client_.call("/v3/kv/range", range_request(prefix_ + '\0', 0), repeat::safe);
  const auto now = body ? parse_revision(*body) : result<revision>{body.why()};
  if (!now) throw http_failure{true, now.why().what};
  const std::lock_guard lock{mutex_};
  if (*now >= known_) return false;
  known_ = since_ = *now;
  went_back_ = true;
  changed_.notify_all();
  return true;
}

bool watch::heard(const watch_line& line) {
  if (line.canceled) {
    if (line.compacted == 0) throw http_failure{true, line.why};
    since_ = 0;  // from now on; whoever waits is told of that moment, and reads all
    return true;
  }
  since_ = std::max(since_, line.at);
  const std::lock_guard lock{mutex_};
  known_ = std::max(known_, line.at);
  changed_.notify_all();
  return false;
}

}  // namespace troupe::sharding::etcd
