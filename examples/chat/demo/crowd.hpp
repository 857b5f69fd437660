// Everybody who takes part: one WebSocket a user, greeted, joined, and back again after a cut.
#pragma once

#include "conversation.hpp"
#include "frames.hpp"
#include "ws_client.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace chat::demo {

using steady = std::chrono::steady_clock;

/// What the crowd tells whoever runs it. Called inside `ws_loop::run_for`.
struct crowd_events {
  std::function<void(std::uint64_t say, std::uint64_t seq)> accepted;
  std::function<void(std::uint64_t say, std::string_view code)> refused;
  std::function<void(seat, const frame&)> message;
  std::function<void(seat)> joined;
  std::function<void(std::uint32_t person, const std::string& reason)> cut_off;
};

/// Keeps every user of the roster connected to a gateway that runs, and joined to their guilds.
///
/// Connections are opened few at a time, from `tick`. Who loses theirs comes back at another
/// gateway; who is told that a guild is not there asks again to join it. One thread.
class crowd {
 public:
  static constexpr std::size_t most_opening = 64;  ///< connections being opened at the same time
  static constexpr std::chrono::milliseconds join_patience{2000};  ///< then the join is sent again
  static constexpr std::chrono::milliseconds pause{250};           ///< before trying again

  /// `guilds`: names by index. All three must outlive the crowd.
  crowd(ws_loop& loop, const roster& who, const std::vector<std::string>& guilds,
        crowd_events events);

  /// Person i belongs to gateway i modulo `ports.size()`, all of which run.
  void use_gateways(std::vector<std::uint16_t> ports);
  /// Nobody is connected to gateway `i` from now on, or it may be used again.
  void set_running(std::size_t i, bool running) { gateways_[i].running = running; }
  /// Users whose own gateway runs, but who are connected to another one, change over.
  void send_home();

  /// Opens connections and repeats joins that are due. Cheap; call a hundred times a second.
  void tick(steady::time_point now);

  /// Sends a line with id `say`. False when the user is not greeted yet: try later.
  bool say(std::uint32_t person, const seat& where, std::string_view text, std::uint64_t say);

  /// A say was answered with `code`: asks again to join where that means that we are not joined.
  void after_refusal(std::uint32_t person, const seat& where, std::string_view code);

  [[nodiscard]] bool everybody_joined() const;
  [[nodiscard]] std::size_t greeted() const;
  /// The last lost connection, refused join or refused hello, as a sentence; empty for none.
  [[nodiscard]] const std::string& last_trouble() const { return last_trouble_; }

 private:
  enum class phase { away, opening, greeted };
  struct place {
    seat where;
    bool joined = false;
    bool asked = false;
    steady::time_point due{};  // when to ask (again) while not joined
  };
  struct user {
    std::shared_ptr<ws_connection> link;
    phase now = phase::away;
    std::size_t gateway = 0;
    steady::time_point due{};  // when to connect while away
    std::vector<place> places;
  };
  struct gateway {
    std::uint16_t port = 0;
    bool running = true;
  };

  void open(std::uint32_t person);
  void leave(std::uint32_t person);
  void lost(std::uint32_t person, const std::string& reason);
  void read(std::uint32_t person, std::string_view text);
  void join_due(std::uint32_t person, steady::time_point now);
  void on_joined(user& u, std::string_view guild);
  void on_error(std::uint32_t person, const frame& f);
  void not_joined(place& p, std::chrono::milliseconds wait);
  [[nodiscard]] place* place_of(user& u, std::string_view guild);
  [[nodiscard]] std::size_t gateway_for(std::uint32_t person) const;

  ws_loop& loop_;
  const roster& roster_;
  const std::vector<std::string>& guilds_;
  crowd_events events_;
  frame_reader reader_;
  std::vector<user> users_;
  std::vector<gateway> gateways_;
  std::size_t opening_ = 0;
  std::string last_trouble_;
};

}  // namespace chat::demo
