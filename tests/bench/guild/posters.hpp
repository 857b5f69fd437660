// Who posts to the guilds, and to which: drawn evenly or by Zipf's law.
#pragma once

#include "guild/service.hpp"
#include "support/latencies.hpp"
#include "support/usage.hpp"
#include "support/waiting.hpp"
#include <troupe/troupe.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace guilds {

inline constexpr std::chrono::seconds longest_ask{30};

/// To which guilds one poster posts, for how long, and how often.
struct assignment {
  const std::vector<std::string>* ids = nullptr;  // round and round
  bench::latencies* seen = nullptr;
  std::size_t first = 0, step = 1;
  std::int64_t posts = std::numeric_limits<std::int64_t>::max();
  std::int64_t until = std::numeric_limits<std::int64_t>::max();
};

/// Has one post under way.
struct poster {
  struct begin {};
  using protocol = troupe::protocol<void(begin)>;

  poster(assignment what, bench::gate* when_done) : todo(what), at(what.first), done(when_done) {}
  void on(begin, context& ctx) { next(ctx); }
  void next(context& ctx) {
    const auto sent = bench::now_ns();
    const auto user = static_cast<std::uint32_t>(at % 16 + 1);
    const auto& id = (*todo.ids)[at % todo.ids->size()];
    ctx.ask(troupe::entity<guild>(ctx, id), guild::post{user, std::string(64, '0')}, longest_ask)
        .then([this, sent](const troupe::result<std::int64_t>& answer, context& later) {
          if (!answer) bench::give_up("no answer: " + troupe::to_string(answer.why()));
          const auto now = bench::now_ns();
          todo.seen->add(now - sent);
          at += todo.step;
          if (--todo.posts == 0 || now >= todo.until) {
            done->raise();
            return later.stop();
          }
          next(later);
        });
  }

  assignment todo;
  std::size_t at;
  bench::gate* done;
};

inline std::string id_of(long number) {
  return "guild-" + std::to_string(number);
}

/// 65 536 draws of 1 … `guilds`: all alike, or Zipf(1.0).
inline std::vector<std::string> draw(long guilds, bool zipf) {
  std::vector<double> weights;
  for (long rank = 1; rank <= guilds; ++rank) {
    weights.push_back(zipf ? 1.0 / static_cast<double>(rank) : 1.0);
  }
  std::discrete_distribution<long> any(weights.begin(), weights.end());
  std::mt19937_64 random{std::random_device{}()};
  std::vector<std::string> ids(65'536);
  for (auto& id : ids) id = id_of(any(random) + 1);
  return ids;
}

}  // namespace guilds
