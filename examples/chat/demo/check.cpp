#include "check.hpp"

#include "cluster_view.hpp"
#include "crowd.hpp"
#include "failure.hpp"
#include "playback.hpp"
#include "signals.hpp"
#include "tally.hpp"
#include "verdict.hpp"
#include "ws_client.hpp"

#include <algorithm>
#include <iostream>
#include <map>
#include <utility>
#include <vector>

namespace chat::demo {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr auto whole_patience = 175s;
constexpr auto burst_patience = 90s;
constexpr auto burst_silence = 12s;    // longer than an answer may take
constexpr auto turn = 5ms;             // the loop runs this long between two looks around
constexpr auto view_interval = 100ms;  // between two looks at /cluster
constexpr std::uint32_t volley_lines = 8;

std::vector<std::string> guild_names(const conversation& talk) {
  std::vector<std::string> names;
  for (const guild_log& log : talk) names.push_back(log.id);
  return names;
}

std::int64_t in_ms(steady::duration d) {
  return std::chrono::duration_cast<milliseconds>(d).count();
}

class scenario {
 public:
  explicit scenario(check_options options)
      : options_{std::move(options)},
        nodes_{options_.nodes},
        roster_{roster_of(options_.talk)},
        guilds_{guild_names(options_.talk)},
        playback_{options_.talk, roster_},
        crowd_{loop_, roster_, guilds_, playback_.events()} {
    playback_.attach(crowd_);
  }

  bool run() {
    try {
      play();
    } catch (const failure& why) {
      verdict_.complain(why.what());
    }
    report();
    return verdict_.passed();
  }

 private:
  void play();
  void start_nodes();
  void seat_everybody();
  void say_strictly(const std::string& period, double until);
  void kill_a_node();
  void bring_it_back();
  void settle(const std::string& after);
  void report();
  [[nodiscard]] std::size_t owner_of_most();
  [[nodiscard]] bool views_agree();
  void tell(const std::string& what) const;

  /// Runs everything until `done` or for `patience`; false then. Throws when a node dies by itself.
  template <class Done>
  bool wait(milliseconds patience, Done done);
  /// As `wait`, and throws when it was in vain.
  template <class Done>
  void need(const std::string& what, milliseconds patience, Done done);

  check_options options_;
  node_group nodes_;
  roster roster_;
  std::vector<std::string> guilds_;
  ws_loop loop_;
  playback playback_;
  crowd crowd_;
  verdict verdict_;
  std::size_t victim_ = 0;
  bool doors_open_ = false;  // users may connect
  steady::time_point began_ = steady::now();
  steady::time_point next_view_{};
};

template <class Done>
bool scenario::wait(milliseconds patience, Done done) {
  const auto until = steady::now() + patience;
  while (!done()) {
    const auto now = steady::now();
    if (stop_requested()) throw failure{"interrupted"};
    if (now - began_ > whole_patience) {
      throw failure{"the whole check took longer than " + std::to_string(whole_patience.count()) +
                    " s; " + playback_.progress()};
    }
    for (const auto& death : nodes_.poll()) throw failure{death};
    if (now > until) return false;
    if (doors_open_) crowd_.tick(now);
    playback_.tick(now);
    loop_.run_for(turn);
  }
  return true;
}

template <class Done>
void scenario::need(const std::string& what, milliseconds patience, Done done) {
  if (wait(patience, std::move(done))) return;
  std::string trouble = crowd_.last_trouble();
  if (!trouble.empty()) trouble = "; last trouble: " + trouble;
  throw failure{what + ": not within " + std::to_string(patience.count()) + " ms; " +
                std::to_string(crowd_.greeted()) + " of " + std::to_string(roster_.people.size()) +
                " users are greeted; " + playback_.progress() + trouble};
}

void scenario::tell(const std::string& what) const {
  std::cerr << "chat_demo " << in_ms(steady::now() - began_) << " ms: " << what << std::endl;
}

void scenario::play() {
  start_nodes();
  seat_everybody();
  say_strictly("before the kill", 0.70);
  playback_.latencies(verdict_.latencies);
  kill_a_node();
  say_strictly("with one node killed", 0.85);
  bring_it_back();
  say_strictly("with the node back", 1.0);
  if (const auto unsaid = playback_.unsaid_lines(); unsaid > 0) {
    verdict_.complain(std::to_string(unsaid) + " lines of the logs were never accepted");
  }
  tell("stopping the nodes");
  for (auto& complaint : nodes_.stop()) verdict_.complain(std::move(complaint));
}

bool scenario::views_agree() {
  const auto now = steady::now();
  if (now < next_view_) return false;
  next_view_ = now + view_interval;
  std::uint64_t epoch = 0;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const cluster_view view = ask_cluster(nodes_.port(i));
    if (view.up() != nodes_.size() || (i > 0 && view.epoch != epoch)) return false;
    if (view.misplaced != 0) return false;
    for (std::size_t j = 0; j < nodes_.size(); ++j) {
      if (view.shards_of(node_group::name(j)) == 0) return false;
    }
    epoch = view.epoch;
  }
  return true;
}

void scenario::start_nodes() {
  tell("starting the nodes, logs in " + nodes_.folder().string());
  std::vector<std::uint16_t> ports;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    nodes_.start(i);
    ports.push_back(nodes_.port(i));
  }
  crowd_.use_gateways(std::move(ports));
  need("the ready lines of all nodes", ready_patience, [this] { return nodes_.all_ready(); });
}

void scenario::seat_everybody() {
  // Not earlier: guilds move while the cluster forms, and period 1 is one without moves.
  need("three members that own shards in every node's /cluster", 30s,
       [this] { return views_agree(); });
  playback_.begin();
  doors_open_ = true;
  tell("seating " + std::to_string(roster_.people.size()) + " users");
  need("every user in their guilds", 60s, [this] { return crowd_.everybody_joined(); });
}

void scenario::say_strictly(const std::string& period, double until) {
  tell("saying all " + period);
  const tally before = playback_.total();
  // Period 1 has its ledgers already: it began before the first join.
  if (before.said > 0) playback_.begin();
  playback_.burst(until, options_.window);
  auto delivered = playback_.total().delivered;
  auto moved = steady::now();
  // What is lost never comes: after a silence the judge may as well begin.
  const bool ended = wait(burst_patience, [&] {
    const auto now = steady::now();
    if (std::exchange(delivered, playback_.total().delivered) != playback_.total().delivered)
      moved = now;
    return playback_.burst_done() || now - moved > burst_silence;
  });
  if (const auto failed = failures_between(before, playback_.total()); !failed.empty()) {
    verdict_.complain(period + " says failed: " + failed);
  }
  const findings found = playback_.judge_strictly();
  verdict_.judge(period, found);
  if (found.clean() && (!ended || !playback_.burst_done()))
    verdict_.complain(period + " it did not end: " + playback_.progress());
}

std::size_t scenario::owner_of_most() {
  std::map<std::string, std::size_t> guilds;
  for (const auto& guild : guilds_) ++guilds[ask_owner(nodes_.port(0), guild)];
  const auto most =
      std::max_element(guilds.begin(), guilds.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (node_group::name(i) == most->first) return i;
  }
  throw failure{"/cluster/explain names an owner that was not started: " + most->first};
}

void scenario::kill_a_node() {
  victim_ = owner_of_most();
  playback_.begin();
  playback_.pace(0.80);
  const std::uint64_t some = 3 * guilds_.size();
  need("the talk before the kill", 20s,
       [this, some] { return playback_.said_in_period() >= some; });
  playback_.volley(volley_lines);
  loop_.run_for(1ms);

  tell("killing " + node_group::name(victim_));
  playback_.watch_service();
  const tally before = playback_.total();
  const auto killed = steady::now();
  nodes_.kill(victim_);
  crowd_.set_running(victim_, false);
  need("every guild served again after the kill", 60s,
       [this] { return playback_.served_at().has_value(); });
  verdict_.recovery = *playback_.served_at() - killed;
  need("every user back in their guilds", 30s, [this] { return crowd_.everybody_joined(); });
  settle("after the kill");
  // The victim owned most guilds, so at least one.
  verdict_.judge("the talk after the kill", wrong_after_kill(before, playback_.total()));
}

void scenario::bring_it_back() {
  playback_.begin();
  playback_.pace(0.90);
  const tally before = playback_.total();
  tell("starting " + node_group::name(victim_) + " again");
  const auto started = steady::now();
  nodes_.start(victim_);
  need("the ready line of the node started again", ready_patience,
       [this] { return nodes_.all_ready(); });
  need("three members again that own shards", 30s, [this] { return views_agree(); });
  playback_.watch_service();
  crowd_.set_running(victim_, true);
  crowd_.send_home();
  need("every guild served with the node back", 60s,
       [this] { return playback_.served_at().has_value(); });
  need("every user home", 30s, [this] { return crowd_.everybody_joined(); });
  settle("with the node back");
  verdict_.rejoin = steady::now() - started;
  verdict_.judge("the talk with the node back", wrong_refusals(before, playback_.total()));
}

void scenario::settle(const std::string& after) {
  playback_.be_quiet();
  need("an answer to every say", answer_patience + 1s,
       [this] { return playback_.nothing_waits(); });
  playback_.settle();
  need("in each guild a line that all members receive", 30s,
       [this] { return playback_.settled(); });
  playback_.be_quiet();
  verdict_.judge("the talk " + after, playback_.judge_by_life());
}

void scenario::report() {
  verdict_.total = playback_.total();
  verdict_.guilds = guilds_.size();
  verdict_.users = roster_.people.size();
  for (const guild_log& log : options_.talk) verdict_.lines += log.lines.size();
  verdict_.took = steady::now() - began_;
  std::error_code failed;
  if (!verdict_.passed() && !std::filesystem::is_empty(nodes_.folder(), failed) &&
      !stop_requested()) {
    nodes_.keep_folder();
    tell("the nodes' logs stay in " + nodes_.folder().string());
  }
  print(verdict_);
}

}  // namespace

bool run_check(check_options options) {
  return scenario{std::move(options)}.run();
}

}  // namespace chat::demo
