#include "chaos_cluster.hpp"

#include "log_entity.hpp"
#include "register_entity.hpp"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace troupe::chaos {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::string_view both_types[] = {log_entity::name, register_entity::name};
constexpr auto ready_patience = 30s, leave_patience = 60s, settle_patience = 60s;
constexpr auto time_to_read =
    200ms;  // what the store holds; less than a lease, after which it changes

std::string name_of(std::size_t i) {
  return "n" + std::to_string(i + 1);
}

void append(std::vector<std::string>& to, const std::vector<std::string>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

chaos_cluster::chaos_cluster(chaos_plan plan) : plan_(std::move(plan)), nodes_(plan_.nodes) {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (::mkfifo(input_of(i).c_str(), 0600) != 0) throw std::runtime_error{"no fifo can be made"};
    nodes_[i].input = ::open(input_of(i).c_str(), O_RDWR | O_CLOEXEC);
  }
}

chaos_cluster::~chaos_cluster() {
  for (auto& n : nodes_) {
    if (n.process) ::kill(n.pid, SIGKILL);  // else a parent's child would outlive its parent
    n.process.reset();
    ::close(n.input);
  }
}

std::filesystem::path chaos_cluster::input_of(std::size_t i) const {
  return folder() / (name_of(i) + ".in");
}

std::size_t chaos_cluster::running() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(nodes_, [](const member& n) { return n.process != nullptr; }));
}

std::string chaos_cluster::log_of(std::size_t i) const {
  std::ifstream in{folder() / (name_of(i) + ".log")};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::vector<std::string> chaos_cluster::command(std::size_t i) const {
  std::vector<std::string> words{"/bin/sh", "-c", "exec \"$@\" <" + input_of(i).string(), "sh"};
  if (plan_.within) append(words, plan_.within(i));
  if (plan_.supervised) append(words, {TROUPE_SUPERVISE, "--restart", "--"});
  append(words,
         {CHAOS_NODE, folder().string(), std::to_string(plan_.pause.count()),
          "node.name=" + name_of(i), "cluster.name=chaos",
          "cluster.lease=" + std::to_string(plan_.lease.count()) + "ms", "cluster.join_timeout=20s",
          "journal.store=sqlite", "journal.path=" + (folder() / "entities.db").string()});
  if (plan_.settings.empty()) {
    append(words,
           {"cluster.store=sqlite", "cluster.path=" + store_file().string(), "cluster.poll=20ms"});
  }
  if (plan_.faster_links) append(words, {"link.heartbeat=150ms", "link.silence=600ms"});
  append(words, plan_.settings);
  if (plan_.settings_of) append(words, plan_.settings_of(i));
  return words;
}

void chaos_cluster::start(std::size_t i) {
  auto& n = nodes_[i];
  n.said.clear();
  n.process = std::make_unique<::chat::demo::process>(
      ::chat::demo::command{command(i), (folder() / (name_of(i) + ".log")).string()});
  wait_ready(i);
}

void chaos_cluster::wait_ready(std::size_t i) {
  const auto ready = wait_line(i, "ready", ready_patience);
  if (!ready) throw std::runtime_error{name_of(i) + " does not get ready: " + log_of(i)};
  nodes_[i].pid = std::stoi(*ready);
  if (plan_.work.count() > 0) send(i, "work " + std::to_string(plan_.work.count()));
  if (load_) send(i, "on");
}

void chaos_cluster::wait_restarted(std::size_t i) {
  wait_ready(i);
}

std::string chaos_cluster::terminate(std::size_t i) {
  auto& n = nodes_[i];
  ::kill(n.pid, SIGTERM);
  if (!n.process->wait_end(leave_patience)) return "still runs: " + log_of(i);
  const auto how = n.process->how_it_ended();
  n.process.reset();
  return how;
}

void chaos_cluster::kill(std::size_t i) {
  auto& n = nodes_[i];
  const auto pid = static_cast<std::uint32_t>(n.pid);
  allowed_.state_of.insert(pid);
  allowed_.messages_of.insert(pid);
  n.said.clear();
  ::kill(n.pid, SIGKILL);
  if (plan_.supervised) return;
  if (!n.process->wait_end(5s)) throw std::runtime_error{"a process survived SIGKILL"};
  n.process.reset();
}

void chaos_cluster::blame(std::size_t i, std::uint32_t key, std::size_t witness) {
  record r{deed::held};
  r.process = static_cast<std::uint32_t>(nodes_[i].pid);
  r.key = key;
  r.changed = true;
  r.at = now_ns();
  std::this_thread::sleep_for(time_to_read);
  for (const auto type : both_types) {
    r.is_register = type == register_entity::name;
    if (owner(witness, std::string{type}, key) == name_of(i)) unsaid_.push_back(r);
  }
}

void chaos_cluster::pause(std::size_t i) {
  ::kill(nodes_[i].pid, SIGSTOP);
}

void chaos_cluster::excuse(std::size_t i) {
  allowed_.state_of.insert(static_cast<std::uint32_t>(nodes_[i].pid));
}

void chaos_cluster::excuse_all() {
  for (std::size_t i = 0; i < nodes_.size(); ++i) excuse(i);
}

void chaos_cluster::resume(std::size_t i) {
  ::kill(nodes_[i].pid, SIGCONT);
}

void chaos_cluster::send(std::size_t i, const std::string& line) {
  const std::string out = line + '\n';
  if (::write(nodes_[i].input, out.data(), out.size()) != static_cast<ssize_t>(out.size())) {
    throw std::runtime_error{name_of(i) + " cannot be told " + line};
  }
}

std::optional<std::string> chaos_cluster::wait_line(std::size_t i, const std::string& name,
                                                    milliseconds patience) {
  auto& n = nodes_[i];
  for (const auto until = clock::now() + patience; clock::now() < until;) {
    for (auto& line : n.process->new_lines()) n.said.push_back(std::move(line));
    const auto found = std::ranges::find_if(n.said, [&](const std::string& line) {
      return line == name || line.starts_with(name + ' ');
    });
    if (found != n.said.end()) {
      std::string rest = found->size() > name.size() ? found->substr(name.size() + 1) : "";
      n.said.erase(found);
      return rest;
    }
    std::this_thread::sleep_for(1ms);
  }
  return std::nullopt;
}

std::optional<std::string> chaos_cluster::ask(std::size_t i, const std::string& command,
                                              milliseconds patience) {
  send(i, command);
  return wait_line(i, command.substr(0, command.find(' ')), patience);
}

void chaos_cluster::load_on() {
  load_ = true;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (runs(i)) send(i, "on");
  }
}

void chaos_cluster::load_off() {
  load_ = false;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (runs(i) && !ask(i, "off")) throw std::runtime_error{name_of(i) + " does not stop its load"};
  }
}

std::optional<node_view> chaos_cluster::view_of(std::size_t i) {
  const auto said = ask(i, "status");
  if (!said) return std::nullopt;
  node_view v;
  std::istringstream{*said} >> v.serving >> v.ring >> v.up >> v.reachable >> v.misplaced >> v.epoch;
  return v;
}

bool chaos_cluster::settled() {
  std::optional<std::uint64_t> epoch;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!runs(i)) continue;
    const auto v = view_of(i);
    const auto all = running();
    if (!v || !v->serving || v->ring != all || v->up != all || v->reachable != all) return false;
    if (v->misplaced != 0 || epoch.value_or(v->epoch) != v->epoch) return false;
    epoch = v->epoch;
  }
  return true;
}

bool chaos_cluster::wait_settled(milliseconds limit) {
  for (const auto until = clock::now() + limit; clock::now() < until;) {
    if (settled()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

std::string chaos_cluster::owner(std::size_t i, const std::string& type, std::uint32_t key) {
  return ask(i, "owner " + type + ' ' + id_of(key)).value_or("nobody");
}

milliseconds chaos_cluster::probe(std::size_t i) {
  const auto said = ask(i, "probe");
  std::size_t silent = 1;
  double took = 0;
  std::istringstream{said.value_or("")} >> silent >> took;
  if (silent != 0) throw std::runtime_error{std::to_string(silent) + " logs do not answer"};
  return milliseconds{static_cast<std::int64_t>(took)};
}

std::string chaos_cluster::promote(std::size_t i, std::uint32_t key, std::size_t to) {
  begin_promote(i, key, to);
  return end_promote(i);
}

void chaos_cluster::begin_promote(std::size_t i, std::uint32_t key, std::size_t to) {
  for (const auto type : both_types)
    send(i, "promote " + std::string{type} + ' ' + id_of(key) + ' ' + name_of(to));
}

std::string chaos_cluster::end_promote(std::size_t i) {
  return end_orders(i, "promote");
}

std::string chaos_cluster::demote(std::size_t i, std::uint32_t key) {
  for (const auto type : both_types) send(i, "demote " + std::string{type} + ' ' + id_of(key));
  return end_orders(i, "demote");
}

std::string chaos_cluster::end_orders(std::size_t i, const std::string& name) {
  std::string first;
  for (std::size_t n = 0; n < std::size(both_types); ++n) {
    const auto said = wait_line(i, name, order_patience).value_or("it says nothing");
    if (first.empty() || first == "ok") first = said;
  }
  return first;
}

findings chaos_cluster::judge() {
  if (!wait_settled(settle_patience)) throw std::runtime_error{"the cluster does not settle"};
  load_off();
  // A lane keeps its order: what is answered now comes behind all that was told.
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (runs(i)) static_cast<void>(probe(i));
  }
  for (auto& n : nodes_) {
    if (n.process) ::kill(n.pid, SIGKILL);
    n.process.reset();
  }
  auto all = read_journals(folder());
  add_unsaid(all, unsaid_);
  return check_history(all, allowed_);
}

}  // namespace troupe::chaos
