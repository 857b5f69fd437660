#include "channel.hpp"

#include "guild.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace chat {

void channel::started(troupe::context& ctx) {
  life_ = static_cast<std::uint64_t>(ctx.wall_now().time_since_epoch().count());
  ctx.tell(troupe::entity<guild>(ctx, guild_), guild::opened{called_, life_});
}

said channel::on(post m, troupe::context& ctx) {
  using std::chrono::milliseconds;
  const auto at = std::chrono::duration_cast<milliseconds>(ctx.wall_now().time_since_epoch());
  line message{++last_, std::move(m.user), std::move(m.text), at.count()};
  if (m.to) {
    ctx.tell_all(*m.to, session::deliver{guild_ + "/" + called_, life_, message.seq,
                                         make_frame(write_message(guild_, called_, message))});
  }
  lines_.push_back(std::move(message));
  if (lines_.size() > kept) lines_.pop_front();
  return {refused::no, last_};
}

joined channel::on(welcome m) const {
  m.j.history = on(read{static_cast<std::int64_t>(welcomed_with), 0}).messages;
  return std::move(m.j);
}

history channel::on(read m) const {
  auto end = lines_.end();
  if (m.before > 0) {
    end = std::ranges::find_if(
        lines_, [&](const line& l) { return l.seq >= static_cast<std::uint64_t>(m.before); });
  }
  const auto there = end - lines_.begin();
  const auto wanted = std::clamp<std::int64_t>(m.last, 0, most_lines);
  return {refused::no, {end - std::min<std::int64_t>(there, wanted), end}};
}

crashed channel::on(const crash& m) const {
  throw std::runtime_error("crashed on request by " + m.user);
}

}  // namespace chat
