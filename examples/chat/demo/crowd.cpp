#include "crowd.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace chat::demo {
namespace {

/// Joins and says share the ids of one connection; a join's begins with this.
constexpr char join_mark = 'j';

bool means_not_joined(std::string_view code) {
  return code == "not_joined" || code == "unavailable";
}

template <class Number>
Number number_in(std::string_view text) {
  Number n{};
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

}  // namespace

crowd::crowd(ws_loop& loop, const roster& who, const std::vector<std::string>& guilds,
             crowd_events events)
    : loop_{loop},
      roster_{who},
      guilds_{guilds},
      events_{std::move(events)},
      users_(who.people.size()) {
  for (std::size_t i = 0; i < users_.size(); ++i) {
    for (const seat& s : who.people[i].seats) users_[i].places.push_back({s});
  }
}

void crowd::use_gateways(std::vector<std::uint16_t> ports) {
  gateways_.clear();
  for (const auto port : ports) gateways_.push_back({port});
}

std::size_t crowd::gateway_for(std::uint32_t person) const {
  const std::size_t own = person % gateways_.size();
  if (gateways_[own].running) return own;
  // Round robin over the others too, so that they share the load of the lost one.
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < gateways_.size(); ++i) {
    if (gateways_[i].running) others.push_back(i);
  }
  return others.empty() ? own : others[person / gateways_.size() % others.size()];
}

void crowd::open(std::uint32_t person) {
  user& u = users_[person];
  u.gateway = gateway_for(person);
  u.now = phase::opening;
  ++opening_;
  ws_events events;
  events.opened = [this, person] {
    users_[person].link->send(hello_frame(roster_.people[person].name));
  };
  events.received = [this, person](std::string_view text) { read(person, text); };
  events.closed = [this, person](const std::string& reason) { lost(person, reason); };
  u.link = loop_.connect(gateways_[u.gateway].port, "/ws", std::move(events));
}

void crowd::leave(std::uint32_t person) {
  user& u = users_[person];
  if (u.now == phase::opening) --opening_;
  u.now = phase::away;
  for (place& p : u.places) p = {p.where};
}

void crowd::lost(std::uint32_t person, const std::string& reason) {
  leave(person);
  users_[person].due = steady::now() + pause;
  last_trouble_ = roster_.people[person].name + " at gateway " +
                  std::to_string(users_[person].gateway + 1) + " lost the connection: " + reason;
  events_.cut_off(person, reason);
}

void crowd::send_home() {
  for (std::uint32_t person = 0; person < users_.size(); ++person) {
    user& u = users_[person];
    const std::size_t own = person % gateways_.size();
    if (!u.link || u.gateway == own || !gateways_[own].running) continue;
    u.link->drop();
    leave(person);
    u.due = {};
    events_.cut_off(person, "went back to its own gateway");
  }
}

void crowd::tick(steady::time_point now) {
  for (std::uint32_t person = 0; person < users_.size(); ++person) {
    user& u = users_[person];
    if (u.now == phase::away && u.due <= now && opening_ < most_opening) {
      open(person);
    } else if (u.now == phase::greeted) {
      join_due(person, now);
    }
  }
}

void crowd::join_due(std::uint32_t person, steady::time_point now) {
  user& u = users_[person];
  for (place& p : u.places) {
    if (p.joined || p.due > now) continue;
    p.due = now + join_patience;
    p.asked = true;
    u.link->send(join_frame(guilds_[p.where.guild], join_mark + std::to_string(p.where.guild)));
  }
}

bool crowd::say(std::uint32_t person, const seat& where, std::string_view text, std::uint64_t say) {
  user& u = users_[person];
  if (u.now != phase::greeted) return false;
  u.link->send(say_frame(guilds_[where.guild], text, std::to_string(say)));
  return true;
}

crowd::place* crowd::place_of(user& u, std::string_view guild) {
  for (place& p : u.places) {
    if (guilds_[p.where.guild] == guild) return &p;
  }
  return nullptr;
}

void crowd::read(std::uint32_t person, std::string_view text) {
  user& u = users_[person];
  const frame f = reader_.read(text);
  switch (f.kind) {
    case event::message:
      if (const place* p = place_of(u, f.guild); p != nullptr && f.channel == main_channel) {
        events_.message(p->where, f);
      }
      break;
    case event::ok: events_.accepted(number_in<std::uint64_t>(f.id), f.seq); break;
    case event::joined: on_joined(u, f.guild); break;
    case event::error: on_error(person, f); break;
    case event::welcome:
      if (u.now != phase::opening) break;
      --opening_;
      u.now = phase::greeted;
      join_due(person, steady::now());
      break;
    case event::other:
    case event::malformed: break;
  }
}

void crowd::on_joined(user& u, std::string_view guild) {
  place* p = place_of(u, guild);
  if (p == nullptr) return;
  p->joined = true;
  p->asked = false;
  events_.joined(p->where);
}

void crowd::not_joined(place& p, std::chrono::milliseconds wait) {
  p.joined = false;
  // A join that is under way has its own time to be repeated.
  if (!p.asked) p.due = steady::now() + wait;
}

void crowd::after_refusal(std::uint32_t person, const seat& where, std::string_view code) {
  if (!means_not_joined(code)) return;
  for (place& p : users_[person].places) {
    if (p.where == where) not_joined(p, {});
  }
}

void crowd::on_error(std::uint32_t person, const frame& f) {
  user& u = users_[person];
  const bool about_say = !f.id.empty() && !f.id.starts_with(join_mark);
  if (!about_say) {
    last_trouble_ = roster_.people[person].name + " was told " + std::string{f.code} + ": " +
                    std::string{f.explanation};
  }
  if (f.id.starts_with(join_mark)) {
    const auto guild = number_in<std::uint32_t>(f.id.substr(1));
    for (place& p : u.places) {
      if (p.where.guild != guild) continue;
      p.asked = false;
      not_joined(p, pause);
    }
  } else if (about_say) {
    events_.refused(number_in<std::uint64_t>(f.id), f.code);
  } else if (place* p = place_of(u, f.guild); p != nullptr && means_not_joined(f.code)) {
    not_joined(*p, join_patience);  // unasked: the session joins again by itself, if it can
  }
}

bool crowd::everybody_joined() const {
  return std::all_of(users_.begin(), users_.end(), [](const user& u) {
    return u.now == phase::greeted &&
           std::all_of(u.places.begin(), u.places.end(), [](const place& p) { return p.joined; });
  });
}

std::size_t crowd::greeted() const {
  return static_cast<std::size_t>(std::count_if(
      users_.begin(), users_.end(), [](const user& u) { return u.now == phase::greeted; }));
}

}  // namespace chat::demo
