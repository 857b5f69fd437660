#include "nodes.hpp"

#include "cluster_view.hpp"
#include "ports.hpp"
#include "processes.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace chat::demo {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

/// Three chat nodes as processes, with a lease of two seconds unless the test says otherwise.
class three_nodes : public testing::Test {
 protected:
  void start(const std::string& lease = "2s") {
    node_plan plan;
    plan.binary = CHAT_NODE;
    plan.lease = lease;
    plan.http_ports = free_ports(3);
    plan.show_logs = false;
    nodes_ = std::make_unique<node_group>(plan);
    for (std::size_t i = 0; i < 3; ++i) nodes_->start(i);
    ASSERT_TRUE(within(20s, [this] { return nodes_->poll(10ms).empty() && nodes_->all_ready(); }));
    ASSERT_TRUE(within(20s, [this] { return members_seen_by(0) == 3 && members_seen_by(1) == 3; }));
  }

  static bool within(std::chrono::milliseconds limit, const std::function<bool()>& holds) {
    for (const auto end = clock::now() + limit; clock::now() < end;) {
      if (holds()) return true;
      std::this_thread::sleep_for(20ms);
    }
    return false;
  }
  [[nodiscard]] std::size_t members_seen_by(std::size_t i) const {
    return ask_cluster(nodes_->port(i)).up();
  }
  /// All shards have a living owner, by node `i`'s account.
  [[nodiscard]] bool all_shards_owned(std::size_t i) const {
    std::uint64_t owned = 0;
    for (const auto& m : ask_cluster(nodes_->port(i)).members) owned += m.shards;
    return owned == 1024;
  }
  [[nodiscard]] std::string log_of(std::size_t i) const {
    std::ifstream in{nodes_->folder() / (node_group::name(i) + ".log")};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
  [[nodiscard]] static std::size_t count(const std::string& text, const std::string& what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
    return found;
  }

  std::unique_ptr<node_group> nodes_;
};
using ThreeNodes = three_nodes;

TEST_F(ThreeNodes, AKilledOnesShardsAreServedByTheOthersWithinItsLeaseAndASecond) {
  start();

  nodes_->kill(2);
  const auto killed = clock::now();
  ASSERT_TRUE(within(10s, [this] { return members_seen_by(0) == 2 && members_seen_by(1) == 2; }));
  ASSERT_TRUE(within(10s, [this] { return all_shards_owned(0) && all_shards_owned(1); }));

  EXPECT_LT(clock::now() - killed, 3s);
}

TEST_F(ThreeNodes, OneThatIsTerminatedLeavesAtOnceAndExitsWithZero) {
  start("30s");

  kill(nodes_->pid(2), SIGTERM);
  const auto asked = clock::now();
  ASSERT_TRUE(within(10s, [this] { return members_seen_by(0) == 2; }));
  ASSERT_TRUE(within(10s, [this] { return all_shards_owned(0); }));

  EXPECT_LT(clock::now() - asked, 5s);
  EXPECT_TRUE(within(10s, [this] {
    const auto ended = nodes_->poll(10ms);
    return !ended.empty() && ended.front().find("exited with 0") != std::string::npos;
  }));
}

TEST_F(ThreeNodes, OneThatSleptThroughItsLeaseStopsServingSaysSoAndJoinsAnew) {
  start();

  kill(nodes_->pid(2), SIGSTOP);
  ASSERT_TRUE(within(10s, [this] { return members_seen_by(0) == 2; }));
  kill(nodes_->pid(2), SIGCONT);

  EXPECT_TRUE(within(10s, [this] { return members_seen_by(0) == 3 && members_seen_by(2) == 3; }));
  EXPECT_EQ(count(log_of(2), "this node stops serving"), 1u);
}

TEST_F(ThreeNodes, ASecondOneOfTheSameNameIsRefusedAndDisturbsNobody) {
  start();
  const auto before = count(log_of(0), "link down");

  process twin{{{CHAT_NODE, "--http", "127.0.0.1:0", "--set", "node.name=n2", "--set",
                 "cluster.store=sqlite", "--set",
                 "cluster.path=" + (nodes_->folder() / "cluster.db").string(), "--set",
                 "cluster.lease=2s", "--set", "cluster.join_timeout=1s"},
                (nodes_->folder() / "twin.log").string()}};
  ASSERT_TRUE(twin.wait_end(10s));

  EXPECT_EQ(twin.how_it_ended(), "exited with 1");
  std::ifstream in{nodes_->folder() / "twin.log"};
  const std::string said{std::istreambuf_iterator<char>{in}, {}};
  EXPECT_NE(said.find("name_in_use: the name n2 belongs to a live node at"), std::string::npos)
      << said;
  EXPECT_EQ(members_seen_by(0), 3u);
  EXPECT_EQ(count(log_of(0), "link down"), before);
}

TEST_F(ThreeNodes, BytesThatAreNotTheProtocolCostOneLogLineAndNothingElse) {
  start();
  const auto log = log_of(0);
  const auto at = log.find("listen=127.0.0.1:");
  ASSERT_NE(at, std::string::npos);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(log.substr(at + 17))));
  const int stranger = socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_EQ(connect(stranger, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);

  const std::string request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  ASSERT_EQ(send(stranger, request.data(), request.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(request.size()));

  EXPECT_TRUE(within(5s, [&] { return count(log_of(0), " warn ") == count(log, " warn ") + 1; }));
  EXPECT_EQ(members_seen_by(0), 3u);
  close(stranger);
}

TEST(ChatNode, SaysWhichPortIsTaken) {
  const auto taken = free_ports(1).front();
  const auto log = std::filesystem::temp_directory_path() / ("taken-" + std::to_string(getpid()));
  process first{{{CHAT_NODE, "--http", "127.0.0.1:" + std::to_string(taken)}, log.string() + ".1"}};
  for (int i = 0; i < 500 && first.new_lines().empty(); ++i) std::this_thread::sleep_for(10ms);

  process second{
      {{CHAT_NODE, "--http", "127.0.0.1:" + std::to_string(taken)}, log.string() + ".2"}};
  ASSERT_TRUE(second.wait_end(10s));

  EXPECT_EQ(second.how_it_ended(), "exited with 1");
  std::ifstream in{log.string() + ".2"};
  const std::string said{std::istreambuf_iterator<char>{in}, {}};
  EXPECT_NE(said.find("127.0.0.1:" + std::to_string(taken) + " is in use by another process"),
            std::string::npos)
      << said;
  std::filesystem::remove(log.string() + ".1");
  std::filesystem::remove(log.string() + ".2");
}

/// What `chat_demo` prints until it says `awaited`; empty when it does not.
std::string until(process& demo, const std::string& awaited) {
  std::string said;
  for (int i = 0; i < 1000; ++i) {
    for (const auto& line : demo.new_lines()) said += line + "\n";
    if (said.find(awaited) != std::string::npos) return said;
    std::this_thread::sleep_for(20ms);
  }
  return {};
}

TEST(ChatDemo, StopsItsNodesOnCtrlC) {
  const auto base = std::to_string(free_ports(3).front());
  process demo{
      {{CHAT_DEMO, "--quiet", "--node-binary", CHAT_NODE, "--port-base", base}, "/dev/null"}};
  const auto said = until(demo, "Ctrl-C stops all.");
  ASSERT_NE(said.find("http://127.0.0.1:" + base + "/"), std::string::npos) << said;

  demo.send(SIGINT);

  ASSERT_TRUE(demo.wait_end(20s));
  EXPECT_EQ(demo.how_it_ended(), "exited with 0");
  EXPECT_TRUE(is_free(static_cast<std::uint16_t>(std::stoi(base))));
}

TEST(ChatDemo, SaysWhichPortIsTakenAndByWhom) {
  const auto base = free_ports(3).front();
  const auto log = std::filesystem::temp_directory_path() / ("demo-" + std::to_string(getpid()));
  process other{{{CHAT_NODE, "--http", "127.0.0.1:" + std::to_string(base + 1)}, "/dev/null"}};
  ASSERT_FALSE(until(other, "ready").empty());

  process demo{
      {{CHAT_DEMO, "--node-binary", CHAT_NODE, "--port-base", std::to_string(base)}, log.string()}};
  ASSERT_TRUE(demo.wait_end(20s));

  EXPECT_EQ(demo.how_it_ended(), "exited with 1");
  std::ifstream in{log};
  const std::string said{std::istreambuf_iterator<char>{in}, {}};
  EXPECT_NE(said.find("port " + std::to_string(base + 1)), std::string::npos) << said;
  EXPECT_NE(said.find("process " + std::to_string(other.pid())), std::string::npos) << said;
  std::filesystem::remove(log);
}

}  // namespace
}  // namespace chat::demo
