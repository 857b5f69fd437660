#include "runtime/far_watches.hpp"

#include <random>
#include <utility>

namespace troupe::runtime {

namespace {

constexpr const char* no_connection = "cannot be reached";

exit_reason unreachable(const std::string& node, const char* why) {
  return {exit_kind::unreachable, node + ": " + why};
}

// What a node of the same name said in an earlier life means nothing to this one.
std::uint64_t random_start() {
  std::random_device entropy;
  return (static_cast<std::uint64_t>(entropy()) << 31) | entropy();
}

}  // namespace

far_watches::far_watches(far_services services, std::size_t most)
    : services_(std::move(services)),
      most_(most),
      next_(random_start()),
      lost_(mutex_, {[this](lost& from, ends& into) { return take_one(from, into); },
                     [](const told& one) { one.first->ended(one.second); }, services_.later}) {}

errc far_watches::begin(const detail::place& whom, const listener_ptr& who) {
  {
    const std::lock_guard lock{mutex_};
    if (!closed_) {
      if (count_ >= most_) return errc::overloaded;
      auto& to = peers_[whom.name];
      if (to.line.is_long()) return errc::overloaded;
      const auto id = ++next_;
      to.watches.emplace(id, watch{whom.number, who});
      to.ids.emplace(who.get(), id);
      ++count_;
      const errc said = say(whom.name, to, {false, {{id, whom.number}}, {}});
      if (said == errc::ok || said == errc::overloaded) return errc::ok;
      (void)take(to, id);
      if (to.watches.empty()) peers_.erase(whom.name);
    }
  }
  who->ended(unreachable(whom.name, no_connection));
  return errc::ok;
}

void far_watches::end(const detail::place& whom, const listener_ptr& who) {
  const std::lock_guard lock{mutex_};
  const auto found = peers_.find(whom.name);
  if (found != peers_.end()) {
    const auto id = found->second.ids.find(who.get());
    if (id != found->second.ids.end()) {
      const auto over = id->second;
      (void)take(found->second, over);  // not the last: the caller has one
      return (void)say(whom.name, found->second, {false, {}, {over}});
    }
  }
  for (auto& one : lost_.groups()) {
    const auto id = one.left.ids.find(who.get());
    if (id != one.left.ids.end()) return (void)take(one.left, id->second);
  }
}

void far_watches::heard(const std::string& from, reader& in) {
  end_news news;
  if (!read(in, news)) return;
  std::vector<std::pair<listener_ptr, exit_reason>> ended;
  {
    const std::lock_guard lock{mutex_};
    const auto found = peers_.find(from);
    if (found == peers_.end()) return;
    for (auto& one : news.ended) {
      auto who = take(found->second, one.id);
      if (who) ended.emplace_back(std::move(who), exit_reason{one.kind, std::move(one.what)});
    }
    if (news.again) say_all(from, found->second);
  }
  for (const auto& [who, why] : ended) who->ended(why);
}

// Even when it watches nobody there: that node may know of watches from before.
void far_watches::reachable(const std::string& node, bool now) {
  {
    const std::lock_guard lock{mutex_};
    if (closed_) return;
    if (now) return say_all(node, peers_[node]);
    auto taken = peers_.extract(node);
    if (taken.empty() || taken.mapped().watches.empty()) return;
    if (!lost_.add({std::move(taken.mapped()), unreachable(node, "the connection to it broke")})) {
      return;
    }
  }
  lost_.tell_some();
}

bool far_watches::take_one(lost& from, ends& into) {
  if (from.left.watches.empty()) return false;
  into.emplace_back(take(from.left, from.left.watches.begin()->first), from.why);
  return !from.left.watches.empty();
}

void far_watches::close() {
  ends left;
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    for (auto& [node, known] : std::exchange(peers_, {})) {
      lost_.groups().push_back({std::move(known), unreachable(node, "this node is stopping")});
    }
    for (auto& [gone, why] : std::exchange(lost_.groups(), {})) {
      for (auto& [id, one] : gone.watches) left.emplace_back(std::move(one.who), why);
    }
    count_ = 0;
  }
  for (const auto& [who, why] : left) who->ended(why);
}

far_watches::listener_ptr far_watches::take(peer& from, std::uint64_t id) {
  const auto found = from.watches.find(id);
  if (found == from.watches.end()) return nullptr;
  auto who = std::move(found->second.who);
  from.ids.erase(who.get());
  from.watches.erase(found);
  --count_;
  return who;
}

errc far_watches::say(const std::string& node, peer& to, const watch_news& news) {
  const errc said = to.line.add(services_, node, to_frame(news));
  care_.care_for(node, to.line);
  return said;
}

// A connection that breaks meanwhile is told by `reachable`.
void far_watches::say_all(const std::string& node, peer& to) {
  to.line.clear();
  watch_news news{true, {}, {}};
  for (const auto& [id, one] : to.watches) {
    news.begun.push_back({id, one.actor});
    if (news.begun.size() < watch_news::most) continue;
    (void)to.line.add(services_, node, to_frame(std::exchange(news, {})));
  }
  (void)to.line.add(services_, node, to_frame(news));
  care_.care_for(node, to.line);
}

}  // namespace troupe::runtime
