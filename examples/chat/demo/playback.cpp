#include "playback.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace chat::demo {

crowd_events playback::events() {
  crowd_events e;
  e.accepted = [this](std::uint64_t id, std::uint64_t seq) { accepted(id, seq); };
  e.refused = [this](std::uint64_t id, std::string_view code) { refused(id, code); };
  e.message = [this](seat where, const frame& f) { heard_message(where, f); };
  e.joined = [this](seat where) { tracks_[where.guild].book->joined(where.member); };
  e.cut_off = [this](std::uint32_t person, const std::string&) { cut_off(person); };
  return e;
}

void playback::begin() {
  mode_ = mode::quiet;
  began_ = steady::now();
  for (std::uint32_t guild = 0; guild < tracks_.size(); ++guild) {
    track& t = tracks_[guild];
    t.book.emplace(roster_.members[guild]);
    t.said.resize(all_[guild].lines.size());
    t.base = t.top;
  }
}

std::uint32_t playback::share(std::uint32_t guild, double of) const {
  return static_cast<std::uint32_t>(
      std::lround(of * static_cast<double>(all_[guild].lines.size())));
}

void playback::burst(double until, std::uint32_t window) {
  mode_ = mode::burst;
  window_ = window;
  for (std::uint32_t guild = 0; guild < tracks_.size(); ++guild) {
    tracks_[guild].until = std::max(share(guild, until), tracks_[guild].cursor);
    fill(guild);
  }
}

void playback::volley(std::uint32_t count) {
  for (std::uint32_t guild = 0; guild < tracks_.size(); ++guild) {
    track& t = tracks_[guild];
    for (std::uint32_t i = 0; i < count && t.cursor < t.until && say_line(guild, t.cursor); ++i)
      ++t.cursor;
  }
}

void playback::pace(double until) {
  mode_ = mode::pace;
  for (std::uint32_t guild = 0; guild < tracks_.size(); ++guild) {
    tracks_[guild].until = std::max(share(guild, until), tracks_[guild].cursor);
  }
}

void playback::settle() {
  mode_ = mode::settle;
  for (track& t : tracks_) {
    t.settled = false;
    t.probe.reset();
    t.due = {};
  }
}

micros playback::since_begin(steady::time_point now) const {
  return static_cast<micros>(
      std::chrono::duration_cast<std::chrono::microseconds>(now - began_).count());
}

bool playback::say_line(std::uint32_t guild, std::uint32_t line) {
  const std::uint32_t person = roster_.speakers[guild][line];
  const auto& seats = roster_.people[person].seats;
  const auto place =
      std::find_if(seats.begin(), seats.end(), [guild](const seat& s) { return s.guild == guild; });
  const spoken& words = all_[guild].lines[line];
  const auto now = steady::now();
  if (!crowd_->say(person, *place, words.text, next_id_)) return false;
  track& t = tracks_[guild];
  waiting_.emplace(
      next_id_++,
      say{guild, line, t.book->said(words.user, words.text, since_begin(now)), person, now});
  ++t.waiting;
  return true;
}

void playback::fill(std::uint32_t guild) {
  track& t = tracks_[guild];
  while (t.waiting < window_ && !t.again.empty() && say_line(guild, t.again.front()))
    t.again.pop_front();
  while (t.waiting < window_ && t.cursor < t.until && say_line(guild, t.cursor)) ++t.cursor;
}

void playback::say_next(std::uint32_t guild, steady::time_point now) {
  track& t = tracks_[guild];
  if (t.due > now || t.waiting >= most_paced_says) return;
  t.due = now + say_interval;
  if (!t.again.empty()) {
    const std::uint32_t line = t.again.front();
    t.again.pop_front();
    if (!say_line(guild, line)) t.again.push_back(line);  // that user is on the way back
  } else {
    // At the mark, the line before it is repeated: the talk goes on until somebody ends it.
    const bool fresh = t.cursor < t.until;
    const std::uint32_t line = fresh ? t.cursor : std::max(t.until, 1u) - 1;
    if (fresh) ++t.cursor;
    if (!say_line(guild, line) && fresh) t.again.push_back(line);
  }
}

void playback::probe(std::uint32_t guild, steady::time_point now) {
  track& t = tracks_[guild];
  if (t.settled) return;
  if (t.probe && t.book->everybody_heard(*t.probe)) {
    t.settled = true;
    return;
  }
  if (t.waiting > 0 || t.due > now) return;
  t.due = now + probe_patience;
  t.probe.reset();
  const auto last = static_cast<std::uint32_t>(all_[guild].lines.size()) - 1;
  if (!say_line(guild, std::min(t.cursor, last))) return;
  t.probe_id = next_id_ - 1;
  if (t.cursor < last) ++t.cursor;
}

void playback::tick(steady::time_point now) {
  expire(now);
  for (std::uint32_t guild = 0; guild < tracks_.size(); ++guild) {
    switch (mode_) {
      case mode::quiet: break;
      case mode::burst: fill(guild); break;
      case mode::pace: say_next(guild, now); break;
      case mode::settle: probe(guild, now); break;
    }
  }
}

void playback::expire(steady::time_point now) {
  std::vector<std::uint64_t> late;
  for (const auto& [id, s] : waiting_) {
    if (now - s.sent > answer_patience) late.push_back(id);
  }
  for (const auto id : late) {
    const auto s = take(id);
    ++tally_.unanswered;
    repeat(*s);
  }
}

void playback::repeat(const say& s) {
  // Nothing may fail in a burst: its judge sees that the line is not there.
  if (mode_ != mode::burst) tracks_[s.guild].again.push_back(s.line);
}

std::optional<playback::say> playback::take(std::uint64_t id) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return std::nullopt;
  const say s = found->second;
  waiting_.erase(found);
  --tracks_[s.guild].waiting;
  return s;
}

void playback::accepted(std::uint64_t id, std::uint64_t seq) {
  const auto s = take(id);
  if (!s) return;  // answered after it was given up
  track& t = tracks_[s->guild];
  ++tally_.said;
  t.said[s->line] = true;
  t.book->acknowledged(s->entry, seq);
  t.top = mode_ == mode::burst ? std::max(t.top, seq) : seq;
  if (s->sent >= watched_ && !t.served) t.served = steady::now();
  if (id == t.probe_id) t.probe = s->entry;
  if (mode_ == mode::burst) fill(s->guild);
}

void playback::refused(std::uint64_t id, std::string_view code) {
  const auto s = take(id);
  if (!s) return;
  ++tally_.refused[std::string{code}];
  repeat(*s);
  for (const seat& place : roster_.people[s->person].seats) {
    if (place.guild == s->guild) crowd_->after_refusal(s->person, place, code);
  }
}

void playback::cut_off(std::uint32_t person) {
  std::vector<std::uint64_t> lost;
  for (const auto& [id, s] : waiting_) {
    if (s.person == person) lost.push_back(id);
  }
  for (const auto id : lost) {
    const auto s = take(id);
    ++tally_.cut_off;
    repeat(*s);
  }
}

void playback::heard_message(seat where, const frame& f) {
  ++tally_.delivered;
  const heard what{f.seq, f.user, f.text, f.at};
  tracks_[where.guild].book->received(where.member, what, since_begin(steady::now()));
}

bool playback::burst_done() const {
  return waiting_.empty() && std::all_of(tracks_.begin(), tracks_.end(), [](const track& t) {
           return t.again.empty() && t.cursor >= t.until && t.book->complete();
         });
}

bool playback::settled() const {
  return std::all_of(tracks_.begin(), tracks_.end(), [](const track& t) { return t.settled; });
}

void playback::watch_service() {
  watched_ = steady::now();
  for (track& t : tracks_) t.served.reset();
}

std::optional<steady::time_point> playback::served_at() const {
  steady::time_point last{};
  for (const track& t : tracks_) {
    if (!t.served) return std::nullopt;
    last = std::max(last, *t.served);
  }
  return last;
}

findings playback::judge_strictly() const {
  findings all;
  for (const track& t : tracks_) all += t.book->judge_strictly(t.base);
  return all;
}

findings playback::judge_by_life() const {
  findings all;
  for (const track& t : tracks_) all += t.book->judge_by_life();
  return all;
}

void playback::latencies(std::vector<micros>& out) const {
  for (const track& t : tracks_) t.book->latencies(out);
}

std::uint64_t playback::said_in_period() const {
  std::uint64_t n = 0;
  for (const track& t : tracks_) n += t.book->acknowledged_lines();
  return n;
}

std::uint64_t playback::unsaid_lines() const {
  std::uint64_t n = 0;
  for (const track& t : tracks_)
    n += static_cast<std::uint64_t>(std::count(t.said.begin(), t.said.end(), false));
  return n;
}

std::string playback::progress() const {
  std::string text = std::to_string(waiting_.size()) + " says wait for an answer";
  for (std::uint32_t guild = 0; guild < tracks_.size(); ++guild) {
    const track& t = tracks_[guild];
    if (!t.book) continue;
    text += "; " + all_[guild].id + ": " + std::to_string(t.book->acknowledged_lines()) +
            " lines and " + std::to_string(t.book->deliveries()) + " deliveries to " +
            std::to_string(roster_.members[guild]) + " members";
    if (!t.served) text += ", not served";
    if (mode_ == mode::settle && !t.settled) text += ", not settled";
  }
  return text;
}

}  // namespace chat::demo
