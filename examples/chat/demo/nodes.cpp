#include "nodes.hpp"

#include "failure.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>
#include <poll.h>
#include <stdlib.h>
#include <utility>

namespace chat::demo {
namespace {

std::filesystem::path fresh_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "troupe-chat-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw failure{"no temporary folder like " + pattern + ": " + std::strerror(errno) +
                  "; set TMPDIR to a folder that can be written"};
  }
  return pattern;
}

}  // namespace

node_group::node_group(node_plan plan)
    : plan_{std::move(plan)}, folder_{fresh_folder()}, nodes_(plan_.http_ports.size()) {}

node_group::~node_group() {
  nodes_.clear();
  std::error_code ignored;
  if (!keep_) std::filesystem::remove_all(folder_, ignored);
}

void node_group::start(std::size_t i) {
  command c;
  c.words = {plan_.binary,
             "--http",
             "127.0.0.1:" + std::to_string(port(i)),
             "--allow-crash",
             "--set",
             "node.name=" + name(i),
             "--set",
             "node.listen=127.0.0.1:0",
             "--set",
             "cluster.store=sqlite",
             "--set",
             "cluster.path=" + (folder_ / "cluster.db").string(),
             "--set",
             "cluster.lease=" + plan_.lease};
  if (!plan_.show_logs) c.error_log = (folder_ / (name(i) + ".log")).string();
  nodes_[i] = {std::make_unique<demo::process>(c), false};
}

void node_group::kill(std::size_t i) {
  nodes_[i] = {};
}

bool node_group::all_ready() const {
  return std::all_of(nodes_.begin(), nodes_.end(),
                     [](const slot& node) { return node.process && node.ready; });
}

std::size_t node_group::running() const {
  std::size_t n = 0;
  for (const slot& node : nodes_) n += node.process != nullptr ? 1 : 0;
  return n;
}

std::vector<std::string> node_group::poll() {
  std::vector<std::string> deaths;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    slot& node = nodes_[i];
    if (!node.process) continue;
    const bool alive = node.process->alive();
    for (const std::string& line : node.process->new_lines()) {
      if (line.starts_with("chat_node " + name(i) + " ready")) node.ready = true;
      if (plan_.show_logs) std::cout << line << std::endl;
    }
    if (alive) continue;
    deaths.push_back("node " + name(i) + " (process " + std::to_string(pid(i)) + ") " +
                     node.process->how_it_ended() + ", and nobody asked it to");
    node = {};
  }
  return deaths;
}

std::vector<std::string> node_group::poll(std::chrono::milliseconds patience) {
  std::vector<pollfd> outputs;
  for (const slot& node : nodes_) {
    if (node.process) outputs.push_back({node.process->output(), POLLIN, 0});
  }
  ::poll(outputs.data(), outputs.size(), static_cast<int>(patience.count()));
  return poll();
}

std::vector<std::string> node_group::stop() {
  std::vector<std::string> complaints;
  for (slot& node : nodes_) {
    if (node.process) node.process->send(SIGTERM);
  }
  const auto until = std::chrono::steady_clock::now() + stop_patience;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!nodes_[i].process) continue;
    demo::process& node = *nodes_[i].process;
    const auto left = until - std::chrono::steady_clock::now();
    if (!node.wait_end(std::chrono::duration_cast<std::chrono::milliseconds>(left))) {
      complaints.push_back("node " + name(i) + " still ran " +
                           std::to_string(stop_patience.count()) +
                           " s after SIGTERM and was killed");
    } else if (!node.ended_well()) {
      complaints.push_back("node " + name(i) + " " + node.how_it_ended() +
                           " when it was told to stop");
    }
    nodes_[i] = {};
  }
  return complaints;
}

}  // namespace chat::demo
