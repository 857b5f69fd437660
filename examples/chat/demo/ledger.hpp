// Who said what in one guild and what each member heard of it; then: what is missing, doubled,
// late.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace chat::demo {

using micros = std::uint32_t;  ///< microseconds since the ledger's period began

/// A message as one member received it. The texts are copied by `received`.
struct heard {
  std::uint64_t seq = 0;
  std::string_view user;
  std::string_view text;
  std::int64_t at = 0;  ///< milliseconds since 1970, by the guild
};

/// What was wrong, counted in deliveries (a line that three members lack is three missing).
struct findings {
  std::uint64_t missing = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t out_of_order = 0;
  std::uint64_t altered = 0;  ///< sender, text or number differ from what was said and acknowledged

  findings& operator+=(const findings& other);
  [[nodiscard]] bool clean() const { return *this == findings{}; }
  friend bool operator==(const findings&, const findings&) = default;
};

/// Records one guild's channel through one period, and judges it afterwards.
///
/// Pure: no clock, no sockets. One thread. At the start and at the end of a period nothing may be
/// under way. Keeps every line once and 8 bytes for each delivery.
class ledger {
 public:
  explicit ledger(std::uint32_t members);

  /// Notes that `user` begins to say `text`; the answer names the line from now on.
  std::uint32_t said(std::string_view user, std::string_view text, micros now);
  void acknowledged(std::uint32_t line, std::uint64_t seq);
  /// `member` was told that it joined: the guild may live anew, its numbers may start at 1.
  void joined(std::uint32_t member);
  void received(std::uint32_t member, const heard& what, micros now);

  [[nodiscard]] std::uint64_t deliveries() const { return deliveries_; }
  [[nodiscard]] std::uint64_t acknowledged_lines() const { return acknowledged_; }
  /// As many deliveries as acknowledged lines ask for. Says nothing about which: judge for that.
  [[nodiscard]] bool complete() const { return deliveries_ >= acknowledged_ * streams_.size(); }
  /// Every member received the acknowledged `line`.
  [[nodiscard]] bool everybody_heard(std::uint32_t line) const;

  /// For a time without failures. Acknowledged lines are numbered `base` + 1, + 2, … without gaps,
  /// one user's lines in the order they were said, and every member received each of them once, in
  /// that order, as it was said, and nothing else.
  [[nodiscard]] findings judge_strictly(std::uint64_t base) const;

  /// For a time in which guilds die and live anew. No member received a message twice; between two
  /// `joined` a member's numbers rise by one; nothing was received that nobody said; and no
  /// message of an earlier life came after one of a later life.
  [[nodiscard]] findings judge_by_life() const;

  /// Appends, for each delivery of an acknowledged line, the time since it began to be said.
  void latencies(std::vector<micros>& out) const;

 private:
  struct line {
    std::string user, text;
    micros at;
    std::uint64_t seq;  // 0: not acknowledged
  };
  struct message {
    std::uint64_t seq;
    std::string user, text;
    std::int64_t at;
    std::uint32_t receivers;
    std::uint32_t next;  // another message with the same number, or `none`
  };
  struct delivery {
    std::uint32_t message;  // or `none`: the member joined
    micros at;
  };
  struct numbering {
    std::vector<const line*> by_number;  // [seq - base - 1]
    std::vector<bool> good;              // [message]: is what was said under its number
  };

  std::uint32_t keep(const heard& what);
  [[nodiscard]] numbering number(std::uint64_t base, findings& found) const;
  void judge_speakers(findings& found) const;
  [[nodiscard]] findings judge_stream(const std::vector<delivery>& stream, const numbering& numbers,
                                      std::uint64_t base) const;
  [[nodiscard]] findings judge_lives(const std::vector<delivery>& stream) const;

  std::vector<line> lines_;
  std::deque<message> messages_;
  std::unordered_map<std::uint64_t, std::uint32_t> by_seq_;
  std::vector<std::vector<delivery>> streams_;  // per member
  std::uint64_t deliveries_ = 0;
  std::uint64_t acknowledged_ = 0;
};

}  // namespace chat::demo
