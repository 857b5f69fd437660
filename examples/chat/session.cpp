#include "session.hpp"

#include "guild.hpp"

#include <string_view>
#include <utility>
#include <variant>

namespace chat {

using namespace std::chrono_literals;

namespace {

constexpr auto patience = 5s;  // for any answer of a guild
constexpr auto beat_period = 1s;
constexpr std::string_view one_guild = "/ws/guilds/";

// "timeout" promises nothing: it may have been said. So may what crashed its reader, or what was
// answered with bytes that do not decode.
const char* code_of(troupe::errc code) {
  switch (code) {
    case troupe::errc::timeout:
    case troupe::errc::crashed:
    case troupe::errc::malformed: return "timeout";
    case troupe::errc::overloaded: return "overloaded";
    case troupe::errc::too_large: return "too_long";
    default: return "unavailable";
  }
}

std::string guild_of(const std::string& place) {
  return place.substr(0, place.find('/'));
}

// Empty for a connection for any guilds.
std::string default_guild_of(const connection& client) {
  const auto& target = client.target();
  return target.starts_with(one_guild) ? target.substr(one_guild.size()) : std::string{};
}

}  // namespace

void session::started(troupe::context& ctx) {
  if (const auto client = client_.lock()) {
    default_guild_ = default_guild_of(*client);
  }
  ctx.every(beat_period, beat{});
}

void session::on(received m, troupe::context& ctx) {
  auto read = read_request(m.text, default_guild_);
  if (auto* why = std::get_if<refusal>(&read)) return send(write_refusal(*why));
  handle(std::move(std::get<request>(read)), ctx);
}

void session::handle(request&& r, troupe::context& ctx) {
  if (r.what == op::hello) return hello(r, ctx);
  if (user_.empty()) return refuse(r, "missing_field", "say hello with your \"user\" first");
  if (r.what == op::join) return join_as_asked(r.guild, r.id, ctx);
  if (!guilds_.contains(r.guild)) {
    return refuse(r, "not_joined", "join the guild " + r.guild + " first");
  }
  switch (r.what) {
    case op::say: return say(r, ctx);
    case op::channel: return make_channel(r, ctx);
    case op::history: return read_history(r, ctx);
    case op::members: return list_members(r, ctx);
    case op::crash: return crash(r, ctx);
    default: return leave(r, ctx);
  }
}

void session::hello(const request& r, troupe::context& ctx) {
  if (!user_.empty() && user_ != r.user) {
    return refuse(r, "missing_field", "this connection belongs to " + user_ + " already");
  }
  user_ = r.user;
  send(write_welcome(r, ctx.id(), ctx.node()));
  if (!default_guild_.empty() && !guilds_.contains(default_guild_)) {
    join_as_asked(default_guild_, {}, ctx);
  }
}

// `then` gets the answer and our membership: null when the client left meanwhile.
template <class Then>
void session::ask_to_join(const std::string& guild_id, troupe::context& ctx, Then then) {
  ++guilds_[guild_id].asking;
  ctx.ask(troupe::entity<guild>(ctx, guild_id), guild::join{ctx.self<session>(), user_}, patience)
      .then([this, guild_id, then](const troupe::result<joined>& answer) {
        const auto found = guilds_.find(guild_id);
        if (found == guilds_.end()) return then(answer, nullptr);
        auto& mine = found->second;
        if (mine.asking > 0) --mine.asking;  // none: asked before the client left and came back
        then(answer, &mine);
      });
}

void session::join_as_asked(const std::string& guild_id, const std::string& id,
                            troupe::context& ctx) {
  if (!guilds_.contains(guild_id) && guilds_.size() >= most_guilds) {
    return send(write_refusal(
        {id, guild_id, "overloaded",
         "a connection may be in " + std::to_string(most_guilds) + " guilds; leave one first"}));
  }
  ask_to_join(guild_id, ctx, [=, this](const troupe::result<joined>& answer, membership* mine) {
    if (!mine) {
      return send(
          write_refusal({id, guild_id, "not_joined", "you left the guild before it answered"}));
    }
    if (answer) return confirmed(*mine, *answer, id);
    if (!mine->confirmed && mine->asking == 0) guilds_.erase(guild_id);
    send(write_refusal({id, guild_id, code_of(answer.code()), answer.why().what}));
  });
}

void session::join_again(const std::string& guild_id, troupe::context& ctx) {
  const auto found = guilds_.find(guild_id);
  if (found == guilds_.end() || found->second.asking > 0) return;
  ask_to_join(guild_id, ctx, [=, this](const troupe::result<joined>& answer, membership* mine) {
    if (!mine) return;
    if (answer) return confirmed(*mine, *answer, {});
    unavailable(guild_id, answer.why());
  });
}

void session::confirmed(membership& m, const joined& by, const std::string& id) {
  m.confirmed = true;
  m.told = false;
  heard_.forget(by.guild);
  send(write_joined(by, id));
}

/// Tells the client why not; a guild that has forgotten us is joined again.
template <class Answer>
bool session::accepted(const request& r, const troupe::result<Answer>& answer,
                       troupe::context& ctx) {
  if (!answer) {
    refuse(r, code_of(answer.code()), answer.why().what);
    return false;
  }
  switch (answer->why) {
    case refused::no: return true;
    case refused::unknown_channel:
      refuse(r, "unknown_channel", "the guild " + r.guild + " has no channel " + r.channel);
      return false;
    case refused::too_many:
      refuse(r, "overloaded", "the guild " + r.guild + " has as many channels as it may");
      return false;
    case refused::not_joined:
      if (guilds_.contains(r.guild)) {
        refuse(r, "unavailable",
               "the guild " + r.guild + " was started anew; say it again when joined");
        join_again(r.guild, ctx);
      } else {
        refuse(r, "not_joined", "join the guild " + r.guild + " first");
      }
  }
  return false;
}

void session::say(const request& r, troupe::context& ctx) {
  ctx.ask(troupe::entity<guild>(ctx, r.guild), guild::say{ctx.self<session>(), r.channel, r.text},
          patience)
      .then([this, r](const troupe::result<said>& answer, troupe::context& then) {
        if (accepted(r, answer, then)) send(write_ok(r.id, answer->seq));
      });
}

void session::make_channel(const request& r, troupe::context& ctx) {
  ctx.ask(troupe::entity<guild>(ctx, r.guild), guild::add_channel{ctx.self<session>(), r.channel},
          patience)
      .then([this, r](const troupe::result<made>& answer, troupe::context& then) {
        if (accepted(r, answer, then)) send(write_channel(r.guild, r.channel, r.id));
      });
}

void session::read_history(const request& r, troupe::context& ctx) {
  ctx.ask(troupe::entity<guild>(ctx, r.guild),
          guild::read_history{ctx.self<session>(), r.channel, r.last, r.before}, patience)
      .then([this, r](const troupe::result<history>& answer, troupe::context& then) {
        if (accepted(r, answer, then)) send(write_history(r, answer->messages));
      });
}

void session::list_members(const request& r, troupe::context& ctx) {
  ctx.ask(troupe::entity<guild>(ctx, r.guild),
          guild::list_members{ctx.self<session>(), r.from, r.count}, patience)
      .then([this, r](const troupe::result<member_page>& answer, troupe::context& then) {
        if (accepted(r, answer, then)) send(write_members(r, answer->total, answer->users));
      });
}

void session::leave(const request& r, troupe::context& ctx) {
  guilds_.erase(r.guild);
  heard_.forget(r.guild);
  ctx.tell(troupe::entity<guild>(ctx, r.guild), guild::leave{ctx.self<session>()});
  send(write_left(r));
}

// A crash that happened is the answer that was asked for.
void session::crash(const request& r, troupe::context& ctx) {
  if (crash_requests_ == crash_requests::refused) {
    return refuse(r, "not_allowed",
                  "nothing crashes on request here: the node was started without --allow-crash");
  }
  ctx.ask(troupe::entity<guild>(ctx, r.guild),
          guild::crash{ctx.self<session>(), r.channel, ++crashes_asked_}, patience)
      .then([this, r](const troupe::result<crashed>& answer, troupe::context& then) {
        const bool happened = !answer && answer.code() == troupe::errc::crashed;
        if (happened || accepted(r, answer, then)) send(write_crashed(r));
      });
}

void session::on(deliver m, troupe::context& ctx) {
  if (!guilds_.contains(guild_of(m.place))) return;  // left meanwhile
  const auto now = heard_.message(m.place, m.life, m.seq);
  if (now.stale) return;
  const auto client = client_.lock();
  if (!client) return on(closed{}, ctx);
  if (now.missed)
    return client->close(close_code::try_again_later, "messages were lost on the way to you");
  if (now.restarted) tell_restarted(m.place);
  client->send(m.frame);
}

void session::on(const restarted& m) {
  if (guilds_.contains(guild_of(m.place)) && heard_.restarted(m.place, m.life)) {
    tell_restarted(m.place);
  }
}

void session::tell_restarted(const std::string& place) {
  send(write_restarted(guild_of(place), place.substr(place.find('/') + 1)));
}

void session::on(notice m) {
  if (!guilds_.contains(m.guild)) return;
  if (const auto client = client_.lock()) client->send(m.frame);
}

void session::on(closed, troupe::context& ctx) {
  for (const auto& [id, m] : guilds_) {
    ctx.tell(troupe::entity<guild>(ctx, id), guild::leave{ctx.self<session>()});
  }
  guilds_.clear();
  ctx.stop();
}

// Asks each guild whether it still knows us; one that was started anew does not.
void session::on(beat, troupe::context& ctx) {
  if (client_.expired()) return on(closed{}, ctx);  // its `closed` met a full mailbox
  for (const auto& [id, m] : guilds_) {
    if (m.asking > 0 || !m.confirmed) continue;
    ctx.ask(troupe::entity<guild>(ctx, id), guild::present{ctx.self<session>()}, patience)
        .then([this, guild_id = id](const troupe::result<bool>& known, troupe::context& then) {
          if (!known) {
            unavailable(guild_id, known.why());
          } else if (!*known) {
            join_again(guild_id, then);
          }
        });
  }
}

void session::refuse(const request& r, const std::string& code, const std::string& message) {
  send(write_refusal({r.id, r.guild, code, message}));
}

// Once for each time that a guild cannot be reached, not once a beat.
void session::unavailable(const std::string& guild_id, const troupe::error& why) {
  const auto found = guilds_.find(guild_id);
  if (found == guilds_.end() || std::exchange(found->second.told, true)) return;
  send(
      write_refusal({{}, guild_id, code_of(why.code), "the guild cannot be reached: " + why.what}));
}

void session::send(const std::string& text) {
  if (const auto client = client_.lock()) client->send(make_frame(text));
}

void turn_away(connection& client, std::string_view text, troupe::errc why) {
  if (why != troupe::errc::overloaded) {
    return client.close(close_code::try_again_later, "the session of this connection has ended");
  }
  const auto read = read_request(text, default_guild_of(client));
  const auto* bad = std::get_if<refusal>(&read);
  const auto* good = std::get_if<request>(&read);
  client.send(make_frame(
      write_refusal(bad ? *bad
                        : refusal{good->id, good->guild, "overloaded",
                                  "too many of your requests are waiting; send slower"})));
}

}  // namespace chat
