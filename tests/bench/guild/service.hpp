// The guild service of the distributed benchmarks: guilds as entities, sessions that listen.
#pragma once

#include "support/waiting.hpp"
#include <troupe/troupe.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace guilds {

using troupe::actor_ref;
using troupe::context;

struct message {
  std::int64_t number;
  std::uint32_t user;
  std::string text;
};

struct session {
  struct dispatch {
    std::string guild;
    message what;
  };
  using protocol = troupe::protocol<void(dispatch)>;
  explicit session(bench::tally* all) : delivered(all) {}
  void on(const dispatch&) { delivered->add(); }
  bench::tally* delivered;
};

/// Members, the last fifty messages, and the sessions that listen.
struct guild {
  static constexpr auto name = "guild";
  static constexpr bool stays_put = true;  // one node
  struct post {
    std::uint32_t user;
    std::string text;
  };
  struct join {
    std::vector<actor_ref<session>> sessions;
  };
  using protocol = troupe::protocol<std::int64_t(post), std::int64_t(join)>;
  struct member {
    std::int64_t joined = 0;
    std::string role = "member";
  };
  static constexpr std::size_t kept = 50;

  guild() {
    for (std::uint32_t user = 1; user <= 20; ++user) members[user];
  }
  std::int64_t on(post m, context& ctx) {
    last.push_back({++number, m.user, std::move(m.text)});
    if (last.size() > kept) last.pop_front();
    if (!sessions.empty()) ctx.tell_all(sessions, session::dispatch{ctx.id(), last.back()});
    return number;
  }
  std::int64_t on(join m) {
    sessions.insert(sessions.end(), m.sessions.begin(), m.sessions.end());
    return static_cast<std::int64_t>(sessions.size());
  }

  std::map<std::uint32_t, member> members;
  std::deque<message> last;
  std::int64_t number = 0;
  std::vector<actor_ref<session>> sessions;
};

}  // namespace guilds
