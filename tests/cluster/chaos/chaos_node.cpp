// A node for chaos runs: entities, a load on them, commands on stdin, answers on stdout.
//
//   chaos_node <folder for the journal> <pause in ms> <section.key=value…>
#include "load.hpp"
#include <troupe/core/config.hpp>

#include <csignal>
#include <cstdio>
#include <iostream>
#include <poll.h>
#include <sstream>
#include <string>
#include <sys/signalfd.h>
#include <thread>
#include <unistd.h>

namespace {

using namespace std::chrono_literals;
using namespace troupe;
using chaos::log_entity;
using chaos::register_entity;
using clock_type = std::chrono::steady_clock;

constexpr auto drain_patience = 30s, probe_patience = 30s, pin_patience = 10s;
constexpr auto probe_round = 25ms;  // how exact a probe is, where owners do not answer

void say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

std::string status(const cluster& c) {
  const auto now = c.status();
  std::size_t up = 0, reachable = 0;
  for (const auto& m : now.members) {
    if (m.state != sharding::member_state::up) continue;
    ++up;
    reachable += m.reachable ? 1 : 0;
  }
  std::ostringstream out;
  out << "status " << now.serving << ' ' << now.ring_members.size() << ' ' << up << ' ' << reachable
      << ' ' << now.misplaced << ' ' << now.epoch;
  return out.str();
}

/// Asks every log until each has answered: how long that took, in ms.
std::string probe(const entities<log_entity>& logs) {
  const auto begun = clock_type::now();
  std::vector<std::uint32_t> open;
  for (std::uint32_t key = 0; key < chaos::log_keys; ++key) open.push_back(key);
  while (!open.empty() && clock_type::now() < begun + probe_patience) {
    std::vector<std::pair<std::uint32_t, answer<log_entity::contents>>> asked;
    for (const auto key : open) {
      asked.emplace_back(key, logs[chaos::id_of(key)].ask(log_entity::look{}, probe_round));
    }
    open.clear();
    for (auto& [key, a] : asked) {
      if (!a.get()) open.push_back(key);
    }
    if (!open.empty()) std::this_thread::sleep_for(2ms);
  }
  const auto took = std::chrono::duration<double, std::milli>(clock_type::now() - begun);
  return "probe " + std::to_string(open.size()) + ' ' + std::to_string(took.count());
}

/// `promote <type> <id> <node>`, `demote <type> <id>`: says "ok", or why not.
std::string pin(const std::string& what, const cluster& c) {
  std::string order, type, id, node;
  std::istringstream{what} >> order >> type >> id >> node;
  const auto done =
      node.empty() ? c.demote(type, id, pin_patience) : c.promote(type, id, node, pin_patience);
  return order + ' ' + (done ? "ok" : to_string(done.why()));
}

std::string obey(const std::string& what, chaos::load& load, const cluster& c,
                 const entities<log_entity>& logs) {
  if (what == "status") return status(c);
  if (what == "probe") return probe(logs);
  if (what.starts_with("owner ")) {
    std::string order, type, id;
    std::istringstream{what} >> order >> type >> id;
    return "owner " + c.explain(type, id).owner;
  }
  if (what.starts_with("promote ") || what.starts_with("demote ")) return pin(what, c);
  if (what == "wall") {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return "wall " +
           std::to_string(std::chrono::duration_cast<std::chrono::seconds>(since).count());
  }
  if (what.starts_with("work ")) chaos::log_work_us = std::stoll(what.substr(5));
  if (what == "on") load.on();
  if (what == "off") load.off();
  return what;
}

/// Whole lines of stdin until SIGTERM.
void obey_until_signal(int signals, chaos::load& load, const cluster& c,
                       const entities<log_entity>& logs) {
  std::string pending;
  for (;;) {
    pollfd both[] = {{signals, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    if (::poll(both, 2, -1) < 0) continue;
    if (both[0].revents != 0) return;
    char chunk[256];
    const ssize_t n = ::read(STDIN_FILENO, chunk, sizeof chunk);
    if (n <= 0) return;
    pending.append(chunk, static_cast<std::size_t>(n));
    for (std::size_t end = 0; (end = pending.find('\n')) != std::string::npos;) {
      say(obey(pending.substr(0, end), load, c, logs));
      pending.erase(0, end + 1);
    }
  }
}

/// What it asked is answered first; what it told a moment ago is still on its way.
void leave(const cluster& c, chaos::load& load) {
  load.off();
  const auto report = c.drain(drain_patience);
  say("drained " + std::to_string(report.moved) + ' ' + std::to_string(report.left) + ' ' +
      std::to_string(report.sent));
}

int serve(node_options options, std::chrono::milliseconds pause, int signals) {
  auto started = node::start(std::move(options));
  if (!started) {
    std::cerr << "chaos_node: " << to_string(started.why()) << '\n';
    return 1;
  }
  auto& node = *started;
  const entities<log_entity> logs{node};
  const entities<register_entity> registers{node};
  const entities<chaos::echo_entity> echoes{node};
  const cluster c{node};
  if (const auto up = c.wait_until_up(node.options().cluster.join_timeout); !up) {
    std::cerr << "chaos_node: " << to_string(up.why()) << '\n';
    return 1;
  }
  chaos::load load{logs, registers, pause};
  say("ready " + std::to_string(::getpid()));
  obey_until_signal(signals, load, c, logs);
  leave(c, load);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  if (count < 3) return 64;
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);  // before any thread
  const int signals = ::signalfd(-1, &set, SFD_CLOEXEC);

  chaos::journal journal{std::string{words[1]} + '/' + std::to_string(::getpid()) + ".journal"};
  chaos::journal::of_process() = &journal;
  config_sources sources;
  for (int i = 3; i < count; ++i) sources.overrides.emplace_back(words[i]);
  auto options = load_config(sources);
  if (!options) {
    std::cerr << "chaos_node: " << to_string(options.why()) << '\n';
    return 1;
  }
  return serve(std::move(*options), std::chrono::milliseconds{std::stoi(words[2])}, signals);
}
