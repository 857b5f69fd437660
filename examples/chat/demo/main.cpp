// chat_demo: three chat nodes on this machine, for a person or (--check) for a verdict.
#include "check.hpp"
#include "failure.hpp"
#include "live.hpp"
#include "ports.hpp"
#include "signals.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <iostream>
#include <string>
#include <sys/resource.h>

namespace chat::demo {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t node_count = 3;
constexpr std::uint64_t generated_seed = 2006;

struct flags {
  bool check = false;
  bool quiet = false;
  bool generated = false;
  std::string node_binary;
  std::string data;
  std::string lease = "5s";
  std::uint16_t port_base = 0;  // 0: 8080 live, free ports in a check
  std::uint32_t window = 4;
};

fs::path beside_us(const std::string& program) {
  return fs::read_symlink("/proc/self/exe").parent_path() / program;
}

conversation find_conversation(const flags& f) {
  if (f.generated) return generated_conversation(generated_seed);
  if (!f.data.empty()) {
    if (!fs::is_directory(f.data))
      throw failure{"--data " + f.data + " is no folder; leave it out to play what is there"};
    return read_conversation(f.data);
  }
  for (const fs::path& folder :
       {fs::path{"../shared/data/irc"}, fs::path{CHAT_SOURCE_DIR} / "../shared/data/irc"}) {
    if (fs::is_directory(folder)) return read_conversation(folder);
  }
  std::cerr << "chat_demo: no folder ../shared/data/irc; playing a generated conversation"
            << std::endl;
  return generated_conversation(generated_seed);
}

std::vector<std::uint16_t> ports_from(std::uint16_t base) {
  if (base > 65'535 - node_count + 1) {
    throw failure{"--port-base " + std::to_string(base) +
                  " leaves no room for three ports up to 65535"};
  }
  std::vector<std::uint16_t> ports;
  for (std::size_t i = 0; i < node_count; ++i)
    ports.push_back(static_cast<std::uint16_t>(base + i));
  return ports;
}

/// A socket for each user is more than some shells allow by default.
void allow_many_sockets() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

bool run(const flags& f) {
  node_plan plan;
  plan.binary = f.node_binary.empty() ? beside_us("chat_node").string() : f.node_binary;
  plan.lease = f.lease;
  watch_signals();
  if (!f.check) {
    plan.http_ports = ports_from(f.port_base == 0 ? std::uint16_t{8080} : f.port_base);
    plan.show_logs = !f.quiet;
    return run_live(std::move(plan));
  }
  allow_many_sockets();
  plan.http_ports = f.port_base == 0 ? free_ports(node_count) : ports_from(f.port_base);
  if (f.port_base != 0) need_free_ports(plan.http_ports);
  plan.show_logs = false;
  return run_check({std::move(plan), find_conversation(f), f.window});
}

}  // namespace
}  // namespace chat::demo

int main(int argc, char** argv) {
  chat::demo::flags f;
  CLI::App app{"Runs a chat on three Troupe nodes on this machine.", "chat_demo"};
  app.add_flag("--check", f.check,
               "Plays logs through the chat, kills a node, prints figures, exits 0 or 1");
  app.add_flag("--quiet", f.quiet, "Does not show the nodes' logs");
  app.add_option("--port-base", f.port_base,
                 "First of three HTTP ports (default 8080; with --check free ones)");
  app.add_option("--lease", f.lease, "A dead node's guilds are served elsewhere after this")
      ->capture_default_str();
  app.add_option("--node-binary", f.node_binary,
                 "Path of chat_node (default: beside this program)");
  app.add_option("--data", f.data, "Folder of IRC logs to play (default: ../shared/data/irc)");
  app.add_flag("--generated", f.generated, "Plays a generated conversation instead");
  app.add_option("--window", f.window, "Says of one guild that may wait for an answer at a time")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    return chat::demo::run(f) ? 0 : 1;
  } catch (const std::exception& why) {
    std::cerr << "chat_demo: " << why.what() << std::endl;
    if (f.check) std::cout << "check failed: " << why.what() << std::endl;
    return 1;
  }
}
