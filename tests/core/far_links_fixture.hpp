// Two nodes with links between their actors, and connections that the test breaks and fills.
#pragma once

#include "runtime/far_links.hpp"
#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::runtime {

/// A connection of one direction. What a full one has no room for is refused.
struct one_way {
  bool up = false;
  std::size_t room = 1'000'000;
  std::deque<std::string> frames;

  errc take(std::string_view frame) {
    if (!up) return errc::unavailable;
    if (frames.size() >= room) return errc::overloaded;
    frames.emplace_back(frame);
    return errc::ok;
  }
};

/// A node with actors of any number. Its actors know with whom they are linked, as far as they were
/// told, and what they were told last.
struct side {
  using link = std::pair<std::uint64_t, link_id>;  // of which actor

  side(std::string called, far_services by, std::size_t most)
      : name(std::move(called)),
        links(
            std::move(by),
            [this](std::uint64_t here, const detail::place& there, const link_word& word) {
              hear(here, there, word);
            },
            most) {}

  void hear(std::uint64_t here, const detail::place& there, const link_word& word) {
    const link which{here, word.link};
    if (word.verb == link_verb::join) {
      EXPECT_TRUE(linked.emplace(which, there).second) << "joined twice";
      return;
    }
    if (word.verb == link_verb::exit) ++exits;
    last = word;
    if (linked.erase(which) == 0) ++late;
  }
  link_id join(std::uint64_t here, const detail::place& there, std::uint64_t number) {
    const link_id mine{number, true};
    linked.emplace(link{here, mine}, there);
    said = links.say(here, there, {link_verb::join, mine.on_the_other_side(), {}, {}});
    if (said != errc::ok) linked.erase({here, mine});
    return mine;
  }
  void say(std::uint64_t here, link_id which, link_verb verb, const exit_reason& why = {}) {
    const auto found = linked.find({here, which});
    if (found == linked.end()) return;
    const auto there = found->second;
    linked.erase(found);
    (void)links.say(here, there, {verb, which.on_the_other_side(), "actor", why});
  }

  std::string name;
  std::map<link, detail::place> linked;
  int exits = 0;
  int late = 0;  // words of links that were over here
  errc said = errc::ok;
  link_word last;
  far_links links;
};

/// Two nodes and the connections between them.
class FarLinks : public testing::Test {
 protected:
  static constexpr std::size_t most = 40;

  far_services by(one_way& to) {
    return {[&to](const std::string&, std::string_view frame) { return to.take(frame); },
            [this](std::chrono::milliseconds in, std::function<void()> call) {
              (in < far_links::patience ? calls : long_calls).push_back(std::move(call));
            }};
  }
  void set(one_way& which, bool up) {
    if (std::exchange(which.up, up) == up) return;
    which.frames.clear();
    if (&which == &to_b) {
      a.links.reachable("b", up);
    } else {
      b.links.reachable("a", up);
    }
  }
  void connect() {
    set(to_b, true);
    set(to_a, true);
    settle();
  }
  void deliver(one_way& from) {
    const std::string frame = std::move(from.frames.front());
    from.frames.pop_front();
    reader in{frame};
    std::uint64_t kind = 0;
    ASSERT_TRUE(in.varint(kind));
    auto& to = &from == &to_b ? b : a;
    to.links.heard(&from == &to_b ? "a" : "b", in);
    EXPECT_FALSE(in.failed());
  }
  /// Until nothing is on its way and nobody wants to be called soon.
  void settle() {
    while (!to_b.frames.empty() || !to_a.frames.empty() || !calls.empty()) {
      while (!to_b.frames.empty()) deliver(to_b);
      while (!to_a.frames.empty()) deliver(to_a);
      for (const auto& call : std::exchange(calls, {})) call();
    }
  }
  /// Until nobody is patient any more.
  void wait() {
    for (const auto& call : std::exchange(long_calls, {})) call();
    settle();
  }
  /// "b" hears from "a" what that would not say.
  void forge(const link_news::one& word) {
    const auto frame = to_frame(link_news{false, word, {}});
    reader in{std::string_view{frame}.substr(1)};
    b.links.heard("a", in);
  }
  link_id join(std::uint64_t from, std::uint64_t to) { return a.join(from, {"b", to}, ++numbers); }
  /// What one side holds, as the other one would.
  static std::set<std::pair<link_id, std::uint64_t>> seen_from_afar(const side& s) {
    std::set<std::pair<link_id, std::uint64_t>> all;
    for (const auto& [which, there] : s.linked) {
      all.emplace(which.second.on_the_other_side(), there.number);
    }
    return all;
  }
  static std::set<std::pair<link_id, std::uint64_t>> seen_here(const side& s) {
    std::set<std::pair<link_id, std::uint64_t>> all;
    for (const auto& [which, there] : s.linked) all.emplace(which.second, which.first);
    return all;
  }
  void expect_equal() {
    EXPECT_EQ(seen_here(a), seen_from_afar(b));
    EXPECT_EQ(seen_here(b), seen_from_afar(a));
    EXPECT_EQ(a.links.count(), a.linked.size());
    EXPECT_EQ(b.links.count(), b.linked.size());
  }

  one_way to_b, to_a;
  std::vector<std::function<void()>> calls;
  std::vector<std::function<void()>> long_calls;  // after `patience`
  std::uint64_t numbers = 0;
  side a{"a", by(to_b), most};
  side b{"b", by(to_a), most};
};

}  // namespace troupe::runtime
