// A guild: the entity that knows its members and supervises its channels.
#pragma once

#include "channel.hpp"
#include "chat_protocol.hpp"
#include "session.hpp"
#include <troupe/troupe.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace chat {

struct made {  ///< a channel; it may have been there
  refused why = refused::no;
};
struct member_page {
  refused why = refused::no;
  std::uint64_t total = 0;
  std::vector<std::string> users;
};

/// Members are sessions; a user with two of them is one user. When it moves, so do its channels.
/// Held in memory only: a guild that is started anew, as after a crash of its node, is empty, and
/// its sessions join again when they find that out (`present`).
class guild {
 public:
  static constexpr auto name = "guild";
  static constexpr std::size_t most_channels = 100;
  static constexpr std::chrono::seconds forgotten_after{15};  ///< without a sign of a session
  static constexpr std::chrono::minutes empty_for{10};  ///< then it ends, and with it its history

  struct join {
    troupe::actor_ref<session> who;
    std::string user;
  };
  struct leave {
    troupe::actor_ref<session> who;
  };
  struct present {
    troupe::actor_ref<session> who;
  };
  struct say {
    troupe::actor_ref<session> who;
    std::string channel, text;
  };
  struct add_channel {
    troupe::actor_ref<session> who;
    std::string channel;
  };
  struct read_history {
    troupe::actor_ref<session> who;
    std::string channel;
    std::int64_t last = 0, before = 0;
  };
  struct list_members {
    troupe::actor_ref<session> who;
    std::int64_t from = 0, count = 0;
  };
  struct sweep {};
  struct opened {  ///< a channel has begun a life
    std::string channel;
    std::uint64_t life = 0;
  };
  struct crash {
    troupe::actor_ref<session> who;
    std::string channel;    ///< empty: the guild itself
    std::uint64_t nth = 0;  ///< of this session: equal ones would be set aside after some crashes
  };
  using protocol =
      troupe::protocol<joined(join), void(leave), bool(present), said(say), made(add_channel),
                       history(read_history), member_page(list_members), void(sweep), void(opened),
                       crashed(crash)>;

  explicit guild(std::string id) : id_(std::move(id)) {}

  void started(troupe::context& ctx);
  void arrived(troupe::context& ctx);
  auto fields() { return std::tie(members_, channels_, lives_); }
  troupe::later<joined> on(join m, troupe::context& ctx);
  void on(leave m, troupe::context& ctx);
  bool on(present m, troupe::context& ctx);
  troupe::later<said> on(say m, troupe::context& ctx);
  made on(add_channel m, troupe::context& ctx);
  troupe::later<history> on(read_history m, troupe::context& ctx);
  [[nodiscard]] member_page on(list_members m) const;
  void on(sweep, troupe::context& ctx);
  void on(const opened& m, troupe::context& ctx);
  troupe::later<crashed> on(crash m, troupe::context& ctx);

 private:
  struct member {
    std::string user;
    std::chrono::steady_clock::time_point seen;
    auto fields() { return std::tie(user); }
  };
  void remove(const troupe::actor_ref<session>& who, troupe::context& ctx);
  void open_channel(const std::string& called, troupe::context& ctx);
  void tell_members(const std::string& event, troupe::context& ctx);
  const audience& everyone();

  std::string id_;
  std::map<troupe::actor_ref<session>, member> members_;
  std::map<std::string, std::size_t> users_;       // sessions of each
  std::chrono::steady_clock::time_point emptied_;  // when the last member left, or none was there
  troupe::supervision::supervisor supervisor_;     // of the channels
  std::map<std::string, troupe::actor_ref<channel>> channels_;
  std::map<std::string, std::uint64_t> lives_;  // the latest of each channel
  audience everyone_;                           // null: members changed
};

}  // namespace chat
