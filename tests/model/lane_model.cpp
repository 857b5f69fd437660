#include "lane_model.hpp"

#include <algorithm>
#include <utility>

namespace troupe::sharding {

/// All that a lane remembers, but for bodies, which are empty here.
struct state_access {
  static std::string bytes(const lane_out& l) {
    std::string bytes;
    writer out{bytes};
    for (const auto& e : l.entries_) {
      for (const bool b : {e.sent, e.over, e.kept, e.again}) encode(out, b);
      encode(out, e.seq);
    }
    encode(out, l.route_);
    for (const auto n : {l.taken_, l.cursor_}) encode(out, std::uint64_t{n});
    for (const auto n : {l.given_, l.last_, l.rewound_to_}) encode(out, n);
    encode(out, l.sent_before_);
    for (const auto t : {l.quiet_until_, l.retry_at_, l.ask_at_}) encode(out, t);
    return bytes;
  }
  static void parking_ends(lane_out& l) { l.quiet_until_ = {}; }
};

}  // namespace troupe::sharding

namespace troupe::model {

using namespace sharding;
using is = lane_word::is;

namespace {

// It stands still. Every patience is 0, but for that of a parked lane, which is ended by hand.
constexpr lane_time now{1}, parked_for{1};
constexpr std::uint64_t sender = 1;

std::uint32_t bit(std::uint64_t seq) {
  return std::uint32_t{1} << seq;
}

}  // namespace

lane_model::state lane_model::initial() {
  const lane_limits limits{8, 1 << 10, {}, {}, parked_for, parked_for};
  lane_shard s;
  s.first_sent.resize(rules_.messages.size() + 1);
  moment m{lane_out{limits, rules_.obeyed}, s, {}, rules_.faults, {}};
  (void)m.out.route(record(s));
  return sealed(m);
}

lane_route lane_model::record(const lane_shard& s) {
  return {s.owner == 0 ? "a" : "b", s.epoch, s.born};
}

lane_model::state lane_model::sealed(moment& m) {
  return {outs_.number(state_access::bytes(m.out), m.out), shards_.number(m.shard),
          words_.number(m.words), faults_.number(m.faults)};
}

std::vector<label> lane_model::possible(const state& from) {
  std::vector<label> all;
  const auto add = [&all](lane_deed what, std::uint32_t which = 0) {
    all.push_back({static_cast<std::uint8_t>(what), 0, which});
  };
  const auto& out = outs_[from[0]];
  const auto& shard = shards_[from[1]];
  const auto left = [this, &from](lane_fault f) {
    return faults_[from[3]][static_cast<std::size_t>(f)] != 0;
  };
  using as = lane_shard::is;
  const auto pushed = std::count_if(shard.first_sent.begin(), shard.first_sent.end(),
                                    [](auto epoch) { return epoch != 0; });
  if (static_cast<std::size_t>(pushed) < rules_.messages.size()) add(lane_deed::push);
  if (shard.as != as::nobodys && out.where().epoch < shard.epoch) add(lane_deed::learns);
  const bool waits = out.due() <= now + parked_for;
  if (waits && words_[from[2]].empty()) add(lane_deed::time_passes);
  if (waits && !words_[from[2]].empty() && left(lane_fault::slow)) add(lane_deed::time_flies);
  for (const auto number : words_[from[2]]) {
    add(lane_deed::hears, number);
    if (left(lane_fault::doubled)) add(lane_deed::hears_again, number);
    if (left(lane_fault::lost)) add(lane_deed::loses, number);
  }
  if (left(lane_fault::cut)) add(lane_deed::connection_breaks);
  if (shard.as == as::served && !shard.mailbox.empty()) add(lane_deed::handles);
  if (shard.as == as::served && left(lane_fault::move)) add(lane_deed::packs);
  if (shard.as == as::moving) add(lane_deed::arrives);
  if (shard.as != as::nobodys && left(lane_fault::crash)) add(lane_deed::crashes);
  if (shard.as == as::nobodys) add(lane_deed::is_claimed, 0), add(lane_deed::is_claimed, 1);
  return all;
}

void lane_model::happens(moment& m, label what) {
  const auto spend = [&m](lane_fault f) { --m.faults[static_cast<std::size_t>(f)]; };
  const auto gone = [&m, &what] { std::erase(m.words, what.what); };
  auto& s = m.shard;
  switch (static_cast<lane_deed>(what.kind)) {
    case lane_deed::push: {
      const auto seq = static_cast<std::size_t>(
          std::count_if(s.first_sent.begin(), s.first_sent.end(), [](auto e) { return e != 0; }));
      const auto kind = rules_.messages[seq] == 'r' ? promise::reliable : promise::tell;
      s.first_sent[seq + 1] = m.out.where().epoch;
      (void)m.out.push("", kind, seq + 1);
      break;
    }
    case lane_deed::learns: route(m, record(s)); break;
    case lane_deed::time_passes: time_passes(m); break;
    case lane_deed::time_flies: spend(lane_fault::slow), time_passes(m); break;
    case lane_deed::hears: gone(), hears(m, each_word_[what.what]); break;
    case lane_deed::hears_again: spend(lane_fault::doubled), hears(m, each_word_[what.what]); break;
    case lane_deed::loses: spend(lane_fault::lost), gone(); break;
    case lane_deed::connection_breaks:
      spend(lane_fault::cut), m.words.clear(), m.out.connected();
      break;
    case lane_deed::handles: handle(m); break;
    case lane_deed::packs: spend(lane_fault::move), s.as = lane_shard::is::moving; break;
    case lane_deed::arrives:
      s.as = lane_shard::is::served;
      s.owner = 1 - s.owner;
      ++s.epoch;
      if (!rules_.obeyed.lanes_travel) s.taken.clear();
      break;
    case lane_deed::crashes: spend(lane_fault::crash), crash(m); break;
    case lane_deed::is_claimed:
      s.as = lane_shard::is::served;
      s.owner = static_cast<std::uint8_t>(what.what);
      s.born = ++s.epoch;
      break;
  }
  pump(m);
}

void lane_model::time_passes(moment& m) {
  state_access::parking_ends(m.out);
  m.out.time_passed(now);
}

void lane_model::crash(moment& m) const {
  m.shard.as = lane_shard::is::nobodys;
  m.shard.taken.clear();
  m.shard.mailbox.clear();
  m.shard.handled.clear();
}

void lane_model::say(moment& m, const lane_word& w) {
  const auto number = each_word_.number(w);
  const auto at = std::lower_bound(m.words.begin(), m.words.end(), number);
  if (at == m.words.end() || *at != number) m.words.insert(at, number);
}

void lane_model::pump(moment& m) {
  while (const auto f = m.out.next(now)) {
    const auto& to = m.out.where();
    lane_word w{is::message, static_cast<std::uint8_t>(to.node == "a" ? 0 : 1), to.epoch, f->seq,
                f->base};
    w.reliable = f->kind == promise::reliable;
    w.over = f->over;
    say(m, w);
  }
}

// What is given back as lost was sent to an owner whose state is gone.
void lane_model::route(moment& m, const lane_route& to) {
  for (const auto& lost : m.out.route(to)) {
    const auto seq = lost.request;
    if (m.shard.first_sent[seq] >= m.shard.born) m.broken = "given back as lost, without a crash";
    if (m.shard.reported & bit(seq)) m.broken = "given back as lost a second time";
    m.shard.reported |= bit(seq);
  }
}

void lane_model::turn_away(moment& m, const lane_word& w) {
  const auto& s = m.shard;
  const bool newer = s.as != lane_shard::is::nobodys && s.epoch > w.epoch;
  lane_word no{newer ? is::moved : is::parked, 0, newer ? s.epoch : w.epoch};
  if (newer) no.route = record(s);
  say(m, no);
}

void lane_model::hears(moment& m, const lane_word& w) {
  if (w.kind != is::message) return answered(m, w);
  auto& s = m.shard;
  const bool same = s.epoch == w.epoch || !rules_.obeyed.frames_name_epoch;
  if (s.as != lane_shard::is::served || s.owner != w.node || !same) return turn_away(m, w);
  lane_in in{rules_.obeyed};
  in.unpack(s.taken);
  const auto verdict = in.take(sender, w.seq, w.base);
  s.taken = in.pack();
  if (verdict == lane_verdict::gap) {
    return say(m, {is::expected, 0, s.epoch, in.last(sender) + 1});
  }
  if (verdict == lane_verdict::take && !w.over) s.mailbox.push_back(w.seq);
  const bool waits = std::count(s.mailbox.begin(), s.mailbox.end(), w.seq) != 0;
  if (verdict == lane_verdict::duplicate && w.reliable && !w.over && !waits) {
    say(m, {is::applied, 0, s.epoch, w.seq});
  }
  say(m, {is::taken, 0, s.epoch, in.last(sender)});
}

void lane_model::answered(moment& m, const lane_word& w) {
  switch (w.kind) {
    case is::taken: return m.out.acknowledged(w.seq, w.epoch, now);
    case is::expected: return m.out.expects(w.seq, w.epoch, now);
    case is::applied: return m.out.applied(w.seq, w.epoch);
    case is::moved: return route(m, w.route);
    default: return m.out.parked(now);
  }
}

void lane_model::handle(moment& m) {
  auto& s = m.shard;
  const auto seq = s.mailbox.front();
  s.mailbox.erase(s.mailbox.begin());
  const bool reliable = rules_.messages[seq - 1] == 'r';
  const bool twice = std::count(s.handled.begin(), s.handled.end(), seq) != 0;
  if (twice) m.broken = "handled twice";
  if (!twice && !s.handled.empty() && s.handled.back() > seq) m.broken = "handled out of order";
  if (!twice && !reliable && (s.ever & bit(seq))) m.broken = "handled again after a crash";
  if (s.reported & bit(seq)) m.broken = "handled after it was given back as lost";
  for (std::uint64_t before = 1; before < seq; ++before) {
    const bool known = ((s.ever | s.reported) & bit(before)) != 0;
    const bool plain = rules_.messages[before - 1] == 't';
    if (!known && !(plain && s.born > 1)) m.broken = "handled before one that comes before it";
  }
  s.handled.push_back(seq);
  s.ever |= bit(seq);
  if (reliable) say(m, {is::applied, 0, s.epoch, seq});
}

// What the sender has let go of was handled, or is with the shard, or was given back.
void lane_model::check_conservation(moment& m) const {
  const auto& s = m.shard;
  if (!m.out.empty()) return;
  for (std::uint64_t seq = 1; seq < s.first_sent.size(); ++seq) {
    if (s.first_sent[seq] == 0) continue;
    const bool here = std::count(s.mailbox.begin(), s.mailbox.end(), seq) != 0;
    const bool known = here || ((s.ever | s.reported) & bit(seq)) != 0;
    const bool crashed = s.born > 1 || s.as == lane_shard::is::nobodys;
    const bool may = rules_.messages[seq - 1] == 't' && crashed;
    if (!known && !may) m.broken = "lost";
  }
}

bool lane_model::settled(const state& s) const {
  const auto& shard = shards_[s[1]];
  const bool all = std::count(shard.first_sent.begin() + 1, shard.first_sent.end(), 0u) == 0;
  return all && outs_[s[0]].empty() && shard.as == lane_shard::is::served && shard.mailbox.empty();
}

std::string lane_model::text(label what) const {
  static const char* const deeds[] = {"the sender sends one more",
                                      "the sender learns who owns the shard",
                                      "time passes for the sender",
                                      "time passes for the sender, FASTER THAN WORDS",
                                      "there arrives",
                                      "there arrives, AND WILL AGAIN,",
                                      "there is LOST",
                                      "the CONNECTION BREAKS",
                                      "a message is handled",
                                      "the shard LEAVES",
                                      "the shard arrives",
                                      "the owner CRASHES",
                                      "the shard is claimed by node"};
  static const char* const words[] = {"message", "taken", "expected", "applied", "parked", "moved"};
  const auto deed = static_cast<lane_deed>(what.kind);
  const std::string said = deeds[what.kind];
  if (deed == lane_deed::is_claimed) return said + " " + std::to_string(what.what);
  if (deed < lane_deed::hears || deed > lane_deed::loses) return said;
  const auto& w = each_word_[what.what];
  return said + " " + words[static_cast<std::size_t>(w.kind)] + " " + std::to_string(w.seq) +
         " of epoch " + std::to_string(w.epoch);
}

}  // namespace troupe::model
