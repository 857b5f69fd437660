#include "guild.hpp"

#include <memory>
#include <stdexcept>
#include <utility>

namespace chat {

using namespace troupe::supervision;

namespace {

template <class R>
troupe::later<R> refuse(troupe::later<R> answer, refused why) {
  R no;
  no.why = why;
  answer.set(std::move(no));
  return answer;
}

}  // namespace

void guild::started(troupe::context& ctx) {
  supervisor_ = supervisor::start(ctx, dynamic_supervisor().id("channels"));
  open_channel("general", ctx);
  emptied_ = ctx.now();
  ctx.every(forgotten_after / 3, sweep{});
}

// The channels take up what they knew as they are opened again.
void guild::arrived(troupe::context& ctx) {
  supervisor_ = supervisor::start(ctx, dynamic_supervisor().id("channels"));
  for (auto& [called, ref] : channels_) open_channel(called, ctx);
  for (auto& [who, m] : members_) {
    m.seen = ctx.now();
    ++users_[m.user];
  }
  emptied_ = ctx.now();
}

void guild::open_channel(const std::string& called, troupe::context& ctx) {
  channels_[called] = supervisor_.start_child(ctx, child<channel>(id_, called).id(called));
}

troupe::later<joined> guild::on(join m, troupe::context& ctx) {
  if (!members_.contains(m.who)) {
    if (++users_[m.user] == 1) tell_members(write_member(id_, m.user, true), ctx);
    members_[m.who].user = m.user;
    everyone_ = nullptr;
  }
  members_[m.who].seen = ctx.now();
  joined j{id_, ctx.node(), {}, users_.size(), {}};
  for (const auto& [called, ref] : channels_) j.channels.push_back(called);
  // The channel answers, so that the history and the messages after it come in one order.
  return ctx.delegate(channels_.at("general"), channel::welcome{std::move(j)});
}

void guild::on(leave m, troupe::context& ctx) {
  remove(m.who, ctx);
}

void guild::remove(const troupe::actor_ref<session>& who, troupe::context& ctx) {
  const auto found = members_.find(who);
  if (found == members_.end()) return;
  const auto user = found->second.user;
  members_.erase(found);
  everyone_ = nullptr;
  if (members_.empty()) emptied_ = ctx.now();
  if (--users_[user] > 0) return;
  users_.erase(user);
  tell_members(write_member(id_, user, false), ctx);
}

bool guild::on(present m, troupe::context& ctx) {
  const auto found = members_.find(m.who);
  if (found == members_.end()) return false;
  found->second.seen = ctx.now();
  return true;
}

// The channel answers in our place.
troupe::later<said> guild::on(say m, troupe::context& ctx) {
  const auto who = members_.find(m.who);
  const auto where = channels_.find(m.channel);
  if (who == members_.end()) return refuse(ctx.later<said>(), refused::not_joined);
  if (where == channels_.end()) return refuse(ctx.later<said>(), refused::unknown_channel);
  return ctx.delegate(where->second,
                      channel::post{who->second.user, std::move(m.text), everyone()});
}

made guild::on(add_channel m, troupe::context& ctx) {
  if (!members_.contains(m.who)) return {refused::not_joined};
  if (channels_.contains(m.channel)) return {refused::no};
  if (channels_.size() >= most_channels) return {refused::too_many};
  open_channel(m.channel, ctx);
  tell_members(write_channel(id_, m.channel), ctx);
  return {refused::no};
}

troupe::later<history> guild::on(read_history m, troupe::context& ctx) {
  const auto where = channels_.find(m.channel);
  if (!members_.contains(m.who)) return refuse(ctx.later<history>(), refused::not_joined);
  if (where == channels_.end()) return refuse(ctx.later<history>(), refused::unknown_channel);
  return ctx.delegate(where->second, channel::read{m.last, m.before});
}

member_page guild::on(list_members m) const {
  if (!members_.contains(m.who)) return {refused::not_joined, 0, {}};
  member_page page{refused::no, users_.size(), {}};
  std::int64_t at = 0;
  for (const auto& [user, sessions] : users_) {
    if (at >= m.from && at - m.from < m.count) page.users.push_back(user);
    ++at;
  }
  return page;
}

// Sessions of a node that died never say good-bye; and anybody may name a guild, so those that
// nobody is in must not stay.
void guild::on(sweep, troupe::context& ctx) {
  std::vector<troupe::actor_ref<session>> gone;
  for (const auto& [who, m] : members_) {
    if (ctx.now() - m.seen > forgotten_after) gone.push_back(who);
  }
  for (const auto& who : gone) remove(who, ctx);
  if (members_.empty() && ctx.now() - emptied_ >= empty_for) ctx.stop();
}

// The first life of a channel in ours is told as `channel` or `joined`.
void guild::on(const opened& m, troupe::context& ctx) {
  const auto before = std::exchange(lives_[m.channel], m.life);
  if (before != 0) ctx.tell_all(*everyone(), session::restarted{id_ + "/" + m.channel, m.life});
}

troupe::later<crashed> guild::on(crash m, troupe::context& ctx) {
  const auto who = members_.find(m.who);
  if (who == members_.end()) return refuse(ctx.later<crashed>(), refused::not_joined);
  if (m.channel.empty()) throw std::runtime_error("crashed on request by " + who->second.user);
  const auto where = channels_.find(m.channel);
  if (where == channels_.end()) return refuse(ctx.later<crashed>(), refused::unknown_channel);
  return ctx.delegate(where->second, channel::crash{who->second.user});
}

void guild::tell_members(const std::string& event, troupe::context& ctx) {
  ctx.tell_all(*everyone(), session::notice{id_, make_frame(event)});
}

const audience& guild::everyone() {
  if (!everyone_) {
    auto all = std::make_shared<std::vector<troupe::actor_ref<session>>>();
    for (const auto& [who, m] : members_) all->push_back(who);
    everyone_ = std::move(all);
  }
  return everyone_;
}

}  // namespace chat
