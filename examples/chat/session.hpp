// A session: the actor of one WebSocket. It speaks the protocol for its client and forwards what
// arrives.
#pragma once

#include "chat_protocol.hpp"
#include "gateway.hpp"
#include "hearing.hpp"
#include <troupe/troupe.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace chat {

/// Whether clients may have channels and guilds crash, to see what happens then.
enum class crash_requests : std::uint8_t { refused, obeyed };

/// One connection's user. Keeps its client joined: a guild that was started anew (after a crash, on
/// another node) forgot its members, which a beat each second finds out; then the session joins
/// again by itself. A client that missed a message of a channel, because a queue on the way was
/// full, is closed with 1013 when the next one comes.
class session {
 public:
  static constexpr auto name = "session";
  static constexpr std::size_t most_guilds = 100;  ///< of one connection

  struct received {  ///< a text frame of the client
    std::string text;
  };
  struct deliver {           ///< a message of a channel, framed once for all
    std::string place;       ///< "guild/channel"
    std::uint64_t life = 0;  ///< of the channel; a later life has a greater number
    std::uint64_t seq = 0;
    wire_frame frame;
  };
  struct notice {  ///< another event of a guild, framed once for all
    std::string guild;
    wire_frame frame;
  };
  struct restarted {  ///< a channel crashed and has begun a new life
    std::string place;
    std::uint64_t life = 0;
  };
  struct closed {};  ///< the connection is gone
  struct beat {};
  using protocol = troupe::protocol<void(received), void(deliver), void(notice), void(closed),
                                    void(beat), void(restarted)>;

  explicit session(std::weak_ptr<connection> client, crash_requests how = crash_requests::refused)
      : client_(std::move(client)), crash_requests_(how) {}

  void started(troupe::context& ctx);
  void on(received m, troupe::context& ctx);
  void on(deliver m, troupe::context& ctx);
  void on(notice m);
  void on(closed, troupe::context& ctx);
  void on(beat, troupe::context& ctx);
  void on(const restarted& m);

 private:
  struct membership {
    bool confirmed = false;  ///< the guild knows us
    unsigned asking = 0;     ///< joins on their way
    bool told = false;       ///< the client knows that the guild is unavailable
  };

  void handle(request&& r, troupe::context& ctx);
  void hello(const request& r, troupe::context& ctx);
  void join_as_asked(const std::string& guild, const std::string& id, troupe::context& ctx);
  void join_again(const std::string& guild, troupe::context& ctx);
  template <class Then>
  void ask_to_join(const std::string& guild, troupe::context& ctx, Then then);
  void confirmed(membership& m, const joined& by, const std::string& id);
  void say(const request& r, troupe::context& ctx);
  void make_channel(const request& r, troupe::context& ctx);
  void read_history(const request& r, troupe::context& ctx);
  void list_members(const request& r, troupe::context& ctx);
  void leave(const request& r, troupe::context& ctx);
  void crash(const request& r, troupe::context& ctx);
  void tell_restarted(const std::string& place);
  void refuse(const request& r, const std::string& code, const std::string& message);
  template <class Answer>
  bool accepted(const request& r, const troupe::result<Answer>& answer, troupe::context& ctx);
  void unavailable(const std::string& guild, const troupe::error& why);
  void send(const std::string& text);

  std::weak_ptr<connection> client_;
  crash_requests crash_requests_;
  std::uint64_t crashes_asked_ = 0;
  std::string default_guild_;  // of a connection for one guild
  std::string user_;           // empty before hello
  std::map<std::string, membership> guilds_;
  hearing heard_;
};

/// Answers a client whose request `text` did not reach its session: `overloaded`, with the
/// request's id, when too many wait there; after any other reason the session is gone, so the
/// client is closed with `try_again_later`. `why` is not ok. Any thread.
void turn_away(connection& client, std::string_view text, troupe::errc why);

}  // namespace chat
