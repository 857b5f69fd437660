// All that can happen to the messages of one lane, while their shard moves and its owners crash.
#pragma once

#include "explorer.hpp"
#include "interned.hpp"
#include "ownership/lane_in.hpp"
#include "ownership/lane_out.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe::model {

/// `slow`: the sender's patience ends while words are under way.
enum class lane_fault : std::uint8_t { move, crash, lost, doubled, cut, slow };
constexpr std::size_t lane_fault_kinds = 6;

struct lane_rules {
  std::string messages;  ///< in the order in which they are sent: t is told, r is told reliably
  std::array<std::uint8_t, lane_fault_kinds> faults{};
  sharding::rules obeyed;
};

/// On its way, in any order: a message, or what is said about one.
struct lane_word {
  enum class is : std::uint8_t { message, taken, expected, applied, parked, moved };
  is kind = is::message;
  std::uint8_t node = 0;  ///< message: to whom
  std::uint64_t epoch = 0, seq = 0, base = 0;
  bool reliable = false, over = false;
  sharding::lane_route route{};  ///< moved
};

/// The shard, wherever it is, and what has been handled.
struct lane_shard {
  enum class is : std::uint8_t { served, moving, nobodys };
  is as = is::served;
  std::uint8_t owner = 0;
  std::uint64_t epoch = 1, born = 1;
  std::vector<sharding::lane_state> taken;
  std::vector<std::uint64_t> mailbox;
  std::vector<std::uint64_t> handled;       ///< in this life, in this order
  std::uint32_t ever = 0, reported = 0;     ///< as bits: handled in any life; given back as lost
  std::vector<std::uint64_t> first_sent{};  ///< by message: the epoch
};

enum class lane_deed : std::uint8_t {
  push,
  learns,
  time_passes,
  time_flies,
  hears,
  hears_again,
  loses,
  connection_breaks,
  handles,
  packs,
  arrives,
  crashes,
  is_claimed,
};

/// One sender, two nodes that may own the shard. The sender learns of a new owner at any time, and
/// of old ones late, in any order.
class lane_model {
 public:
  /// The sender's lane, the shard, words, faults left.
  using state = std::array<std::uint32_t, 4>;

  explicit lane_model(lane_rules rules) : rules_(std::move(rules)) {}

  [[nodiscard]] state initial();
  template <class Sink>
  void each_next(const state& from, Sink sink) {
    for (const auto what : possible(from)) {
      moment m{outs_[from[0]], shards_[from[1]], words_[from[2]], faults_[from[3]], {}};
      happens(m, what);
      check_conservation(m);
      const auto deed = static_cast<lane_deed>(what.kind);
      const bool by_itself = deed != lane_deed::hears_again && deed != lane_deed::loses &&
                             deed != lane_deed::connection_breaks && deed != lane_deed::packs &&
                             deed != lane_deed::crashes && deed != lane_deed::time_flies;
      sink(what, sealed(m), by_itself, m.broken);
    }
  }
  [[nodiscard]] bool settled(const state& s) const;
  [[nodiscard]] std::string text(label what) const;

 private:
  struct moment {
    sharding::lane_out out;
    lane_shard shard;
    std::vector<std::uint32_t> words;  // numbers, sorted
    std::array<std::uint8_t, lane_fault_kinds> faults{};
    std::string broken;
  };
  state sealed(moment& m);
  std::vector<label> possible(const state& from);
  void happens(moment& m, label what);
  static void time_passes(moment& m);
  void pump(moment& m);
  void say(moment& m, const lane_word& w);
  void hears(moment& m, const lane_word& w);
  void answered(moment& m, const lane_word& w);
  void turn_away(moment& m, const lane_word& w);
  void route(moment& m, const sharding::lane_route& to);
  void handle(moment& m);
  void crash(moment& m) const;
  void check_conservation(moment& m) const;
  static sharding::lane_route record(const lane_shard& s);

  lane_rules rules_;
  interned<sharding::lane_out> outs_;
  interned<lane_shard> shards_;
  interned<lane_word> each_word_;
  interned<std::vector<std::uint32_t>> words_;
  interned<std::array<std::uint8_t, lane_fault_kinds>> faults_;
};

}  // namespace troupe::model
