// Has the crowd say the lines of the conversation, sees that each is answered, and keeps the
// ledgers.
#pragma once

#include "conversation.hpp"
#include "crowd.hpp"
#include "ledger.hpp"
#include "tally.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace chat::demo {

inline constexpr std::chrono::seconds answer_patience{10};  ///< a say must be answered within
inline constexpr std::chrono::milliseconds say_interval{
    100};                                              ///< between two says of a guild, paced
inline constexpr std::uint32_t most_paced_says = 200;  ///< unanswered, in one guild, paced
inline constexpr std::chrono::milliseconds probe_patience{1000};  ///< then another probe is said

/// Runs through periods, each with a fresh ledger for each guild (`begin`), in one of four ways:
/// quiet; `burst`: each guild's lines up to a mark, some unanswered at a time; `pace`: a line at a
/// steady rate, refused ones again; `settle`: probes until one was heard by all. One thread.
class playback {
 public:
  playback(const conversation& all, const roster& who)
      : all_{all}, roster_{who}, tracks_(all.size()) {}
  /// Must be called once, before anything else: the crowd tells its events to this playback.
  void attach(crowd& c) { crowd_ = &c; }
  [[nodiscard]] crowd_events events();

  /// Starts a period: empty ledgers, quiet.
  void begin();
  void be_quiet() { mode_ = mode::quiet; }
  /// Says each guild's lines up to the share `until` (0 to 1) of its log, in the log's order.
  void burst(double until, std::uint32_t window);
  /// Says `count` lines of each guild at once, however many wait.
  void volley(std::uint32_t count);
  /// Says lines at the rate of `say_interval` for each guild, but not past the share `until`.
  void pace(double until);
  /// Says single lines until every guild had one that all its members received.
  void settle();
  void tick(steady::time_point now);

  /// All lines of the burst are said and answered, and all members received as many.
  [[nodiscard]] bool burst_done() const;
  [[nodiscard]] bool nothing_waits() const { return waiting_.empty(); }
  [[nodiscard]] bool settled() const;
  /// Forgets earlier answers: `served_at` counts from now on.
  void watch_service();
  /// When the last guild answered ok to a say sent since `watch_service`; nothing until all have.
  [[nodiscard]] std::optional<steady::time_point> served_at() const;

  [[nodiscard]] findings judge_strictly() const;
  [[nodiscard]] findings judge_by_life() const;
  void latencies(std::vector<micros>& out) const;
  [[nodiscard]] const tally& total() const { return tally_; }
  [[nodiscard]] std::uint64_t said_in_period() const;
  /// Lines of the logs that were never answered with ok.
  [[nodiscard]] std::uint64_t unsaid_lines() const;
  [[nodiscard]] std::string progress() const;

 private:
  enum class mode { quiet, burst, pace, settle };
  struct track {
    std::uint32_t cursor = 0;  // next line of the log
    std::uint32_t until = 0;
    std::deque<std::uint32_t> again;  // lines to repeat
    std::vector<bool> said;           // per line: answered with ok
    std::uint32_t waiting = 0;
    steady::time_point due{};
    std::uint64_t base = 0;  // numbers before this period
    std::uint64_t top = 0;   // highest acknowledged number; exact after a burst or a probe
    std::optional<steady::time_point> served;
    std::uint64_t probe_id = 0;          // the last probe said
    std::optional<std::uint32_t> probe;  // its ledger line, once acknowledged
    bool settled = false;
    std::optional<ledger> book;
  };
  struct say {
    std::uint32_t guild, line, entry, person;
    steady::time_point sent;
  };

  bool say_line(std::uint32_t guild, std::uint32_t line);
  void say_next(std::uint32_t guild, steady::time_point now);
  void fill(std::uint32_t guild);
  void probe(std::uint32_t guild, steady::time_point now);
  void repeat(const say& s);
  void expire(steady::time_point now);
  void accepted(std::uint64_t id, std::uint64_t seq);
  void refused(std::uint64_t id, std::string_view code);
  void cut_off(std::uint32_t person);
  void heard_message(seat where, const frame& f);
  [[nodiscard]] std::optional<say> take(std::uint64_t id);
  [[nodiscard]] micros since_begin(steady::time_point now) const;
  [[nodiscard]] std::uint32_t share(std::uint32_t guild, double of) const;

  const conversation& all_;
  const roster& roster_;
  crowd* crowd_ = nullptr;
  std::vector<track> tracks_;
  std::unordered_map<std::uint64_t, say> waiting_;
  std::uint64_t next_id_ = 1;
  mode mode_ = mode::quiet;
  std::uint32_t window_ = 1;
  steady::time_point began_{};
  steady::time_point watched_{};
  tally tally_;
};

}  // namespace chat::demo
