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

const char* code_of(troupe::errc code) {
  switch (code) {
    case troupe::errc::timeout: return "timeout";
    case troupe::errc::overloaded: return "overloaded";
    case troupe::errc::too_large: return "too_long";
    default: return "unavailable";
  }
}

}  // namespace

void session::started(troupe::context& ctx) {
  if (const auto client = client_.lock()) {
    const auto& target = client->target();
    if (target.starts_with(one_guild)) default_guild_ = target.substr(one_guild.size());
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
  if (r.what == op::join) return join(r.guild, r.id, ctx);
  if (!guilds_.contains(r.guild)) {
    return refuse(r, "not_joined", "join the guild " + r.guild + " first");
  }
  switch (r.what) {
    case op::say: return say(r, ctx);
    case op::channel: return make_channel(r, ctx);
    case op::history: return read_history(r, ctx);
    case op::members: return list_members(r, ctx);
    default: return leave(r, ctx);
  }
}

void session::hello(const request& r, troupe::context& ctx) {
  if (!user_.empty() && user_ != r.user) {
    return refuse(r, "missing_field", "this connection belongs to " + user_ + " already");
  }
  user_ = r.user;
  send(write_welcome(r, ctx.id(), ctx.node()));
  if (!default_guild_.empty() && !guilds_.contains(default_guild_)) join(default_guild_, {}, ctx);
}

void session::join(const std::string& guild_id, const std::string& id, troupe::context& ctx) {
  auto& m = guilds_[guild_id];
  m.asking = true;
  ctx.ask(troupe::entity<guild>(ctx, guild_id), guild::join{ctx.self<session>(), user_}, patience)
      .then([this, guild_id, id](const troupe::result<joined>& answer) {
        const auto found = guilds_.find(guild_id);
        if (found == guilds_.end()) return;  // left meanwhile
        auto& mine = found->second;
        mine.asking = false;
        if (answer) {
          mine.confirmed = true;
          mine.told = false;
          send(write_joined(*answer, id));
        } else if (mine.confirmed && id.empty()) {
          unavailable(guild_id, answer.why());
        } else {
          if (!mine.confirmed) guilds_.erase(found);
          send(write_refusal({id, guild_id, code_of(answer.code()), answer.why().what}));
        }
      });
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
  std::erase_if(heard_, [&](const auto& h) { return h.first.starts_with(r.guild + "/"); });
  ctx.tell(troupe::entity<guild>(ctx, r.guild), guild::leave{ctx.self<session>()});
  send(write_left(r));
}

void session::on(deliver m, troupe::context& ctx) {
  if (!guilds_.contains(m.place.substr(0, m.place.find('/')))) return;  // left meanwhile
  auto& last = heard_[m.place];
  if (m.life < last.life) return;  // of a life that others have left behind
  const bool gap = m.life == last.life && m.seq != last.seq + 1;
  last = {m.life, m.seq};
  const auto client = client_.lock();
  if (!client) return on(closed{}, ctx);
  if (gap)
    return client->close(close_code::try_again_later, "messages were lost on the way to you");
  client->send(m.frame);
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
    if (m.asking || !m.confirmed) continue;
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

void session::join_again(const std::string& guild_id, troupe::context& ctx) {
  const auto found = guilds_.find(guild_id);
  if (found != guilds_.end() && !found->second.asking) join(guild_id, {}, ctx);
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

}  // namespace chat
