#include "runtime/far_watchers.hpp"

#include <utility>

namespace troupe::runtime {

/// Waits in an actor of this node on behalf of one of another.
class far_watchers::listener final : public detail::end_listener {
 public:
  listener(std::weak_ptr<far_watchers> of, std::string node, std::uint64_t id)
      : of_(std::move(of)), node_(std::move(node)), id_(id) {}
  void ended(const exit_reason& why) override {
    if (const auto all = of_.lock()) all->ended(node_, id_, why);
  }

 private:
  const std::weak_ptr<far_watchers> of_;
  const std::string node_;
  const std::uint64_t id_;
};

far_watchers::far_watchers(far_services services, finder find, std::size_t most)
    : services_(std::move(services)), find_(std::move(find)), most_(most) {}

// What comes before this node can answer will be said again.
void far_watchers::heard(const std::string& from, reader& in) {
  watch_news news;
  if (!read(in, news)) return;
  watches gone, begun;
  {
    const std::lock_guard lock{mutex_};
    const auto found = peers_.find(from);
    if (found == peers_.end()) return;
    if (news.anew) gone = take(found->second);
    begun = begin(from, found->second, news);
    for (const auto id : news.over) take(found->second, id, gone);
  }
  for (const auto& one : begun) (void)one.whom.watch(one.by);  // it may have ended: told at once
  forget(gone);
}

far_watchers::watches far_watchers::begin(const std::string& node, peer& of,
                                          const watch_news& news) {
  watches begun;
  for (const auto& one : news.begun) {
    if (of.watches.count(one.id) != 0) continue;
    if (of.watches.size() >= most_) {
      say(node, of,
          {false, {{one.id, exit_kind::unreachable, "its node is watched by too many there"}}});
      continue;
    }
    const watch made{find_(one.actor), std::make_shared<listener>(weak_from_this(), node, one.id)};
    begun.push_back(of.watches.emplace(one.id, made).first->second);
  }
  return begun;
}

void far_watchers::reachable(const std::string& node, bool now) {
  watches gone;
  {
    const std::lock_guard lock{mutex_};
    auto& known = peers_[node];
    gone = take(known);
    known.line.clear();
    if (now) {
      say(node, known, {true, {}});
    } else {
      peers_.erase(node);
    }
  }
  forget(gone);
}

void far_watchers::ended(const std::string& node, std::uint64_t id, const exit_reason& why) {
  watches gone;  // freed after the lock
  const std::lock_guard lock{mutex_};
  const auto found = peers_.find(node);
  if (found == peers_.end()) return;
  take(found->second, id, gone);
  if (gone.empty()) return;
  say(node, found->second, {false, {{id, why.kind, why.what.substr(0, end_news::longest_text)}}});
}

std::size_t far_watchers::count() {
  const std::lock_guard lock{mutex_};
  std::size_t sum = 0;
  for (const auto& [node, known] : peers_) sum += known.watches.size();
  return sum;
}

far_watchers::watches far_watchers::take(peer& from) {
  watches all;
  for (auto& [id, one] : std::exchange(from.watches, {})) all.push_back(std::move(one));
  return all;
}

void far_watchers::take(peer& from, std::uint64_t id, watches& into) {
  const auto found = from.watches.find(id);
  if (found == from.watches.end()) return;
  into.push_back(std::move(found->second));
  from.watches.erase(found);
}

void far_watchers::forget(const watches& gone) {
  for (const auto& one : gone) one.whom.unwatch(one.by);
}

// A connection that breaks meanwhile is told by `reachable`. Where too much waits, it is lost: that
// node is asked, and answered, again.
void far_watchers::say(const std::string& node, peer& to, const end_news& news) {
  if (to.line.is_long()) {
    to.line.clear();
    (void)to.line.add(services_, node, to_frame(end_news{true, {}}));
  }
  (void)to.line.add(services_, node, to_frame(news));
  care_.care_for(node, to.line);
}

}  // namespace troupe::runtime
