#include "ledger.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

namespace chat::demo {
namespace {

constexpr auto none = std::numeric_limits<std::uint32_t>::max();

}  // namespace

findings& findings::operator+=(const findings& other) {
  missing += other.missing;
  duplicated += other.duplicated;
  out_of_order += other.out_of_order;
  altered += other.altered;
  return *this;
}

ledger::ledger(std::uint32_t members) : streams_(members) {}

std::uint32_t ledger::said(std::string_view user, std::string_view text, micros now) {
  lines_.push_back({std::string{user}, std::string{text}, now, 0});
  return static_cast<std::uint32_t>(lines_.size() - 1);
}

void ledger::acknowledged(std::uint32_t which, std::uint64_t seq) {
  lines_[which].seq = seq;
  ++acknowledged_;
}

void ledger::joined(std::uint32_t member) {
  streams_[member].push_back({none, 0});
}

void ledger::received(std::uint32_t member, const heard& what, micros now) {
  const std::uint32_t index = keep(what);
  ++messages_[index].receivers;
  ++deliveries_;
  streams_[member].push_back({index, now});
}

std::uint32_t ledger::keep(const heard& what) {
  const auto fresh = static_cast<std::uint32_t>(messages_.size());
  const auto [first, is_new] = by_seq_.try_emplace(what.seq, fresh);
  if (!is_new) {
    for (std::uint32_t i = first->second; i != none; i = messages_[i].next) {
      const message& m = messages_[i];
      if (m.at == what.at && m.text == what.text && m.user == what.user) return i;
    }
  }
  const std::uint32_t next = is_new ? none : first->second;
  messages_.push_back({what.seq, std::string{what.user}, std::string{what.text}, what.at, 0, next});
  first->second = fresh;
  return fresh;
}

bool ledger::everybody_heard(std::uint32_t which) const {
  const line& said = lines_[which];
  const auto found = by_seq_.find(said.seq);
  for (auto i = found == by_seq_.end() ? none : found->second; i != none; i = messages_[i].next) {
    const message& m = messages_[i];
    if (m.user == said.user && m.text == said.text && m.receivers >= streams_.size()) return true;
  }
  return false;
}

ledger::numbering ledger::number(std::uint64_t base, findings& found) const {
  numbering n{std::vector<const line*>(acknowledged_, nullptr),
              std::vector<bool>(messages_.size(), false)};
  for (const line& l : lines_) {
    if (l.seq == 0) continue;
    const bool inside = l.seq > base && l.seq <= base + acknowledged_;
    if (!inside || n.by_number[l.seq - base - 1] != nullptr) {
      ++found.altered;  // two lines under one number, or a number that is not the next
      continue;
    }
    n.by_number[l.seq - base - 1] = &l;
  }
  for (std::size_t i = 0; i < messages_.size(); ++i) {
    const message& m = messages_[i];
    if (m.seq <= base || m.seq > base + acknowledged_) continue;
    const line* l = n.by_number[m.seq - base - 1];
    n.good[i] = l != nullptr && l->user == m.user && l->text == m.text;
  }
  return n;
}

void ledger::judge_speakers(findings& found) const {
  std::unordered_map<std::string_view, std::uint64_t> last;
  for (const line& l : lines_) {
    if (l.seq == 0) continue;
    std::uint64_t& before = last[l.user];
    if (l.seq < before) ++found.out_of_order;
    before = std::max(before, l.seq);
  }
}

findings ledger::judge_stream(const std::vector<delivery>& stream, const numbering& numbers,
                              std::uint64_t base) const {
  findings found;
  std::vector<bool> seen(numbers.by_number.size(), false);
  std::uint64_t highest = 0;
  std::uint64_t distinct = 0;
  for (const delivery& d : stream) {
    if (d.message == none) continue;
    const std::uint64_t seq = messages_[d.message].seq;
    if (!numbers.good[d.message]) {
      ++found.altered;
    } else if (seen[seq - base - 1]) {
      ++found.duplicated;
    } else {
      if (seq < highest) ++found.out_of_order;
      highest = std::max(highest, seq);
      seen[seq - base - 1] = true;
      ++distinct;
    }
  }
  found.missing = acknowledged_ - distinct;
  return found;
}

findings ledger::judge_strictly(std::uint64_t base) const {
  findings found;
  const numbering numbers = number(base, found);
  judge_speakers(found);
  for (const auto& stream : streams_) found += judge_stream(stream, numbers, base);
  return found;
}

findings ledger::judge_lives(const std::vector<delivery>& stream) const {
  findings found;
  std::vector<bool> seen(messages_.size(), false);
  std::uint64_t last_seq = 0;  // 0: just joined, any number may come first
  std::int64_t last_at = std::numeric_limits<std::int64_t>::min();
  for (const delivery& d : stream) {
    if (d.message == none) {
      last_seq = 0;
      continue;
    }
    const message& m = messages_[d.message];
    if (seen[d.message]) {
      ++found.duplicated;
    } else if (m.at < last_at || m.seq <= last_seq) {
      ++found.out_of_order;
    } else {
      if (last_seq != 0) found.missing += m.seq - last_seq - 1;
      last_seq = m.seq;
      last_at = m.at;
    }
    seen[d.message] = true;
  }
  return found;
}

findings ledger::judge_by_life() const {
  std::set<std::pair<std::string_view, std::string_view>> said;
  for (const line& l : lines_) said.emplace(l.user, l.text);
  findings found;
  for (const message& m : messages_) {
    if (!said.contains({m.user, m.text})) found.altered += m.receivers;
  }
  for (const auto& stream : streams_) found += judge_lives(stream);
  return found;
}

void ledger::latencies(std::vector<micros>& out) const {
  std::unordered_map<std::uint64_t, micros> began;
  for (const line& l : lines_) {
    if (l.seq != 0) began.emplace(l.seq, l.at);
  }
  for (const auto& stream : streams_) {
    for (const delivery& d : stream) {
      if (d.message == none) continue;
      const auto found = began.find(messages_[d.message].seq);
      if (found != began.end() && d.at >= found->second) out.push_back(d.at - found->second);
    }
  }
}

}  // namespace chat::demo
