// A channel of a guild: numbers its messages, keeps the latest, and sends each to every member.
#pragma once

#include "chat_protocol.hpp"
#include "session.hpp"
#include <troupe/troupe.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace chat {

using audience = std::shared_ptr<const std::vector<troupe::actor_ref<session>>>;

/// Why a member cannot have what it asked for.
enum class refused : std::uint8_t { no, not_joined, unknown_channel, too_many };

struct said {
  refused why = refused::no;
  std::uint64_t seq = 0;
};
struct history {
  refused why = refused::no;
  std::vector<line> messages;
};

struct crashed {  ///< never `no`: a crash that happens is answered with `errc::crashed`
  refused why = refused::no;
};

/// A child of its guild, with which it moves. `seq` rises by one with each message from 1, in one
/// order for everybody. After a crash it starts a new life, empty, and its guild hears of that
/// life.
class channel {
 public:
  static constexpr auto name = "channel";
  static constexpr std::size_t kept = 1000;  ///< messages of history
  static constexpr std::size_t welcomed_with = 50;

  struct post {
    std::string user, text;
    audience to;
  };
  struct welcome {  ///< fills in the history: in order with what members are sent
    joined j;
  };
  struct read {
    std::int64_t last = 0, before = 0;
  };
  struct crash {
    std::string user;
  };
  using protocol = troupe::protocol<said(post), joined(welcome), history(read), crashed(crash)>;

  channel(std::string guild, std::string called)
      : guild_(std::move(guild)), called_(std::move(called)) {}

  void started(troupe::context& ctx);
  auto fields() { return std::tie(life_, last_, lines_); }
  said on(post m, troupe::context& ctx);
  joined on(welcome m) const;
  [[nodiscard]] history on(read m) const;
  [[noreturn]] crashed on(const crash& m) const;

 private:
  std::string guild_;
  std::string called_;
  std::uint64_t life_ = 0;
  std::uint64_t last_ = 0;
  std::deque<line> lines_;
};

}  // namespace chat
