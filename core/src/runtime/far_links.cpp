#include "runtime/far_links.hpp"

#include <utility>

namespace troupe::runtime {

namespace {

link_word exit_as_unreachable(link_id which, std::string why) {
  return {link_verb::exit, which, {}, {exit_kind::unreachable, std::move(why)}};
}

constexpr const char* broke = "the connection broke";
constexpr const char* no_connection = "its node cannot be reached";

}  // namespace

far_links::far_links(far_services services, listener hear, std::size_t most)
    : services_(std::move(services)),
      hear_(std::move(hear)),
      most_(most),
      lost_(mutex_, {[this](lost& from, arrivals& into) { return take_one(from, into); },
                     [this](const arrival& one) { hand_over(one); }, services_.later}) {}

errc far_links::say(std::uint64_t here, const detail::place& there, const link_word& word) {
  const auto mine = word.link.on_the_other_side();
  {
    const std::lock_guard lock{mutex_};
    const auto found = peers_.find(there.name);
    const bool up = found != peers_.end() && found->second.up;
    if (word.verb == link_verb::join) {
      if (up) return join(there.name, found->second, {here, there.number}, word);
    } else {
      if (found == peers_.end() || found->second.standing.erase(mine) == 0) return errc::ok;
      --count_;
      if (up)
        tell(there.name, found->second, {false, link_news::one{here, there.number, word}, {}});
      forget_idle(there.name);
      return errc::ok;
    }
  }
  hear_(here, there, exit_as_unreachable(mine, no_connection));
  return errc::ok;
}

// What is said into a connection that is breaking ends with it.
errc far_links::join(const std::string& node, peer& with, sides who, const link_word& word) {
  if (count_ >= most_ || with.line.is_long()) return errc::overloaded;
  with.standing.emplace(word.link.on_the_other_side(), who);
  ++count_;
  tell(node, with, {false, link_news::one{who.here, who.there, word}, {}});
  return errc::ok;
}

void far_links::heard(const std::string& from, reader& in) {
  link_news news;
  if (!read(in, news)) return;
  arrivals come;
  {
    const std::lock_guard lock{mutex_};
    auto& with = peers_[from];
    if (news.said) take(from, with, *news.said, come);
    compare(from, with, news.held);
    if (news.fresh) say_all(from, with);
    forget_idle(from);
  }
  for (const auto& one : come) hand_over(one);
}

void far_links::take(const std::string& from, peer& with, const link_news::one& said,
                     arrivals& into) {
  const auto which = said.word.link;
  const auto found = with.standing.find(which);
  if (said.word.verb != link_verb::join) {
    if (found == with.standing.end()) return;
    into.push_back({found->second, from, said.word});
    with.standing.erase(found);
    --count_;
    return;
  }
  if (found != with.standing.end() || which.mine) return;
  if (count_ >= most_) {
    const auto refused =
        exit_as_unreachable(which.on_the_other_side(), "its node has too many links to others");
    return tell(from, with, {false, link_news::one{said.to, said.by, refused}, {}});
  }
  const sides who{said.to, said.by};
  with.standing.emplace(which, who);
  ++count_;
  into.push_back({who, from, said.word});
  if (!with.up && with.waits == 0) wait_for(from, with);
}

void far_links::wait_for(const std::string& node, peer& to) {
  to.waits = ++waits_;
  services_.later(patience, [this, node, wait = to.waits] { give_up(node, wait); });
}

// One that came up, or was forgotten, meanwhile has another number, or none.
void far_links::give_up(const std::string& node, std::uint64_t wait) {
  const std::lock_guard lock{mutex_};
  const auto found = peers_.find(node);
  if (found == peers_.end() || found->second.waits != wait) return;
  found->second.waits = 0;
  lose(node, found->second, no_connection);
  forget_idle(node);
}

// A join comes before its link is said to be held.
void far_links::compare(const std::string& node, peer& with, const std::vector<link_id>& held) {
  if (!with.up) return;
  for (const auto& which : held) {
    if (with.standing.count(which) != 0) continue;
    const auto over = exit_as_unreachable(which.on_the_other_side(), broke);
    tell(node, with, {false, link_news::one{0, 0, over}, {}});
  }
}

void far_links::say_all(const std::string& node, peer& to) {
  if (!to.up) return;  // says so itself, when it is
  link_news news;
  for (const auto& [which, who] : links{to.standing}) {
    news.held.push_back(which.on_the_other_side());
    if (news.held.size() == link_news::most) tell(node, to, std::exchange(news, {}));
  }
  if (!news.held.empty()) tell(node, to, news);
}

// Where too much waits, nothing of it is said: the links are over, and the other side finds out by
// comparing.
void far_links::tell(const std::string& node, peer& to, const link_news& news) {
  if (!to.up) return;
  if (to.line.is_long()) {
    to.line.clear();
    lose(node, to, "the connection to it is full");
    (void)to.line.add(services_, node, to_frame(link_news{true, {}, {}}));
  } else {
    (void)to.line.add(services_, node, to_frame(news));
  }
  care_.care_for(node, to.line);
}

void far_links::lose(const std::string& node, peer& with, const char* why) {
  if (with.standing.empty()) return;
  if (lost_.add({node, std::exchange(with.standing, {}), why})) lost_.tell_later();
}

// In the same order as the connection: what is said first on a new one is that it is new.
void far_links::reachable(const std::string& node, bool now) {
  {
    const std::lock_guard lock{mutex_};
    if (now) {
      auto& with = peers_[node];
      with.up = true;
      with.waits = 0;
      with.line.clear();
      tell(node, with, {true, {}, {}});
      return say_all(node, with);
    }
    auto taken = peers_.extract(node);
    if (taken.empty() || taken.mapped().standing.empty()) return;
    if (!lost_.add({node, std::move(taken.mapped().standing), broke})) return;
  }
  lost_.tell_some();
}

bool far_links::take_one(lost& from, arrivals& into) {
  if (from.left.empty()) return false;
  const auto& [which, who] = *from.left.begin();
  into.push_back({who, from.node, exit_as_unreachable(which, from.why)});
  from.left.erase(from.left.begin());
  --count_;
  return !from.left.empty();
}

void far_links::hand_over(const arrival& one) const {
  hear_(one.who.here, {one.node, one.who.there}, one.word);
}

void far_links::close() {
  const std::lock_guard lock{mutex_};
  peers_.clear();
  lost_.groups().clear();
  count_ = 0;
}

std::size_t far_links::count() {
  const std::lock_guard lock{mutex_};
  return count_;
}

void far_links::forget_idle(const std::string& node) {
  const auto found = peers_.find(node);
  if (found != peers_.end() && !found->second.up && found->second.standing.empty()) {
    peers_.erase(found);
  }
}

}  // namespace troupe::runtime
