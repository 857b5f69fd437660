#include "live.hpp"

#include "failure.hpp"
#include "ports.hpp"
#include "signals.hpp"

#include <iostream>
#include <utility>

namespace chat::demo {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

/// False when somebody stopped us meanwhile.
bool wait_ready(node_group& nodes) {
  const auto until = steady::now() + ready_patience;
  while (!nodes.all_ready()) {
    if (stop_requested()) return false;
    for (const auto& death : nodes.poll(200ms)) throw failure{death + "; its log says why"};
    if (steady::now() > until) {
      throw failure{"the nodes are not members of one cluster within " +
                    std::to_string(ready_patience.count()) +
                    " s; their logs say what they wait for"};
    }
  }
  return true;
}

void print_addresses(const node_group& nodes) {
  std::cout << "\nThree nodes, one chat. Open any of these, or two side by side:\n\n";
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    std::cout << "  " << node_group::name(i) << "  http://127.0.0.1:" << nodes.port(i)
              << "/  (process " << nodes.pid(i) << ")\n";
  }
  std::cout << "\n\"kill -9 " << nodes.pid(nodes.size() - 1)
            << "\" in another terminal shows what happens when a node dies. Ctrl-C stops all.\n"
            << std::endl;
}

}  // namespace

void need_free_ports(const std::vector<std::uint16_t>& ports) {
  for (const auto port : ports) {
    if (is_free(port)) continue;
    throw failure{"port " + std::to_string(port) + " of 127.0.0.1 is taken by " +
                  who_listens(port) +
                  "; stop it, or choose three other ports in a row with --port-base"};
  }
}

bool run_live(node_plan plan) {
  need_free_ports(plan.http_ports);
  node_group nodes{std::move(plan)};
  for (std::size_t i = 0; i < nodes.size(); ++i) nodes.start(i);
  if (wait_ready(nodes)) print_addresses(nodes);
  while (!stop_requested() && nodes.running() > 0) {
    for (const auto& death : nodes.poll(200ms))
      std::cout << "chat_demo: " << death << '.' << std::endl;
  }
  if (!stop_requested()) throw failure{"no node is left"};
  std::cout << "\nchat_demo: stopping " << nodes.running() << " nodes" << std::endl;
  const auto complaints = nodes.stop();
  for (const auto& complaint : complaints)
    std::cout << "chat_demo: " << complaint << '.' << std::endl;
  return complaints.empty();
}

}  // namespace chat::demo
