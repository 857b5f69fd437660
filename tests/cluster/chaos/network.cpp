#include "network.hpp"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <unistd.h>

namespace troupe::chaos {
namespace {

const std::string nowhere = "02:00:00:00:09:99";

std::string mac(std::size_t i) {
  return "02:00:00:00:00:0" + std::to_string(i + 1);
}
std::string address(std::size_t i) {
  return "10.99.0." + std::to_string(i + 1);
}

int run(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str());  // NOLINT: words of our own
}
void must(const std::string& command) {
  if (run(command) != 0) throw std::runtime_error{"this failed: " + command};
}

}  // namespace

std::string network::obstacle() {
  if (::geteuid() != 0) return "only root makes network namespaces";
  for (const std::string tool : {"ip -V", "tc -V", "ss -V"}) {
    if (run(tool) != 0) return tool.substr(0, 2) + " is not installed (iproute2)";
  }
  const std::string name = "tc" + std::to_string(::getpid()) + "x";
  if (run("ip netns add " + name) != 0) return "this machine refuses network namespaces";
  run("ip netns del " + name);
  return {};
}

network::network(std::size_t nodes) : nodes_(nodes) {
  must("ip netns add " + space("hub"));
  must("ip -n " + space("hub") + " link add name hub type bridge");
  must("ip -n " + space("hub") + " link set hub up");
  for (std::size_t i = 0; i < nodes_; ++i) join(i);
  heal();
}

network::~network() {
  for (std::size_t i = 0; i < nodes_; ++i) run("ip netns del " + space(std::to_string(i)));
  run("ip netns del " + space("hub"));
}

std::string network::space(const std::string& name) const {
  return "tc" + std::to_string(::getpid()) + name;
}

void network::join(std::size_t i) {
  const auto here = space(std::to_string(i)), hub = space("hub");
  const auto port = "p" + std::to_string(i);
  must("ip netns add " + here);
  must("ip link add eth0 netns " + here + " address " + mac(i) + " type veth peer name " + port +
       " netns " + hub);
  must("ip -n " + hub + " link set " + port + " master hub up");
  must("ip -n " + here + " addr add " + address(i) + "/24 dev eth0");
  must("ip -n " + here + " link set eth0 up");
  must("ip -n " + here + " link set lo up");
}

std::vector<std::string> network::within(std::size_t i) const {
  return {"ip", "netns", "exec", space(std::to_string(i))};
}

std::vector<std::string> network::settings_of(std::size_t i) {
  return {"node.listen=" + address(i) + ":7000"};
}

// Packets for a wrong Ethernet address are sent, and taken by nobody.
void network::point(std::size_t from, std::size_t to, const std::string& at) {
  must("ip -n " + space(std::to_string(from)) + " neigh replace " + address(to) + " lladdr " + at +
       " dev eth0 nud permanent");
}

void network::cut_one_way(std::size_t from, std::size_t to) {
  point(from, to, nowhere);
}

void network::cut(std::size_t a, std::size_t b) {
  cut_one_way(a, b);
  cut_one_way(b, a);
}

void network::slow(std::size_t to) {
  must("tc -n " + space("hub") + " qdisc replace dev p" + std::to_string(to) +
       " root tbf rate 1mbit burst 16kb latency 300ms");
}

void network::heal() {
  for (std::size_t i = 0; i < nodes_; ++i) {
    run("tc -n " + space("hub") + " qdisc del dev p" + std::to_string(i) + " root");
    for (std::size_t other = 0; other < nodes_; ++other) {
      if (other != i) point(i, other, mac(other));
    }
  }
}

void network::reset(std::size_t i) {
  run("ip netns exec " + space(std::to_string(i)) + " ss -K dst 10.99.0.0/24");
}

}  // namespace troupe::chaos
