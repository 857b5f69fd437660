// troupe_supervise: what becomes of signals, statuses and leases.
#include "supervised_node.hpp"
#include "temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace troupe::sharding {
namespace {

using namespace std::chrono_literals;
using chat::demo::process;
using std::chrono::milliseconds;

struct ended {
  std::string how;
  std::vector<std::string> said;
};

ended run(std::vector<std::string> words) {
  words.insert(words.begin(), TROUPE_SUPERVISE);
  process p{{words, "/dev/null"}};
  EXPECT_TRUE(p.wait_end(10s));
  return {p.how_it_ended(), p.new_lines()};
}

TEST(Supervise, EndsAsItsProgramDid) {
  EXPECT_EQ(run({"true"}).how, "exited with 0");
  EXPECT_EQ(run({"sh", "-c", "exit 7"}).how, "exited with 7");
  EXPECT_EQ(run({"--", "sh", "-c", "kill -9 $$"}).how, "exited with 137");
  EXPECT_EQ(run({"/nowhere/at/all"}).how, "exited with 127");
  EXPECT_EQ(run({"/"}).how, "exited with 126");
  EXPECT_EQ(run({}).how, "exited with 64");
  EXPECT_EQ(run({"--restrat", "true"}).how, "exited with 64");
}

TEST(Supervise, PassesSignalsOn) {
  for (const auto& [signal, name] :
       {std::pair{SIGTERM, "TERM"}, {SIGINT, "INT"}, {SIGHUP, "HUP"}}) {
    const std::string script = std::string{"trap 'echo got "} + name + "; exit 5' " + name +
                               "; echo ready; while :; do sleep 0.02; done";
    process p{{{TROUPE_SUPERVISE, "sh", "-c", script}, "/dev/null"}};
    std::vector<std::string> lines;
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (lines.empty() && std::chrono::steady_clock::now() < until) {
      lines = p.new_lines();
      std::this_thread::sleep_for(10ms);
    }
    p.send(signal);
    ASSERT_TRUE(p.wait_end(10s));
    EXPECT_EQ(p.how_it_ended(), "exited with 5");
    EXPECT_THAT(p.new_lines(), testing::Contains(std::string{"got "} + name));
  }
}

TEST(Supervise, StartsAgainUntilItsProgramSucceedsOrItIsToldToEnd) {
  const testing_support::temporary_folder folder;
  const std::string file = folder.path / "runs";
  const std::string count = "echo run >> " + file + "; ";
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(run({"--restart", "sh", "-c", count + "[ $(wc -l < " + file + ") -ge 3 ]"}).how,
            "exited with 0");
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 300ms);  // 100 and 200
  std::ifstream runs{file};
  EXPECT_EQ(std::count(std::istreambuf_iterator<char>{runs}, {}, '\n'), 3);

  process p{{{TROUPE_SUPERVISE, "--restart", "sh", "-c", "exit 3"}, "/dev/null"}};
  std::this_thread::sleep_for(500ms);
  EXPECT_TRUE(p.alive());
  p.send(SIGTERM);
  ASSERT_TRUE(p.wait_end(10s));
  EXPECT_EQ(p.how_it_ended(), "exited with 3");
}

class SuperviseWithFile : public testing::Test {
 protected:
  std::vector<std::string> settings() const {
    return {"cluster.store=sqlite", "cluster.path=" + file()};
  }
  std::string file() const { return folder_.path / "c.db"; }
  std::shared_ptr<coordination_store> open(milliseconds poll) const {
    cluster_options options;
    options.store = "sqlite";
    options.path = file();
    options.poll = poll;
    return open_store(options).value();
  }

  testing_support::temporary_folder folder_;
};

TEST_F(SuperviseWithFile, EndsTheLeaseOfANodeThatWasKilledAtOnce) {
  for (const milliseconds poll : {50ms, 5ms}) {
    std::vector<std::chrono::microseconds> took;
    for (int i = 0; i < 5; ++i) {
      const auto store = open(poll);
      supervised_node node{settings()};
      ASSERT_NE(supervised_node::wait_joined(*store), 0u);
      took.push_back(node.kill_and_watch(*store));
      ASSERT_TRUE(node.parent().wait_end(10s));
      EXPECT_EQ(node.parent().how_it_ended(), "exited with 137");
    }
    std::ranges::sort(took);
    std::cout << "[ figures  ] sqlite, poll " << poll.count() << " ms: from kill -9 to member gone "
              << took[2].count() << " us median, " << took.back().count() << " us worst of 5\n";
    EXPECT_LT(took[2], 1s);  // the lease is of 10 s
  }
}

TEST_F(SuperviseWithFile, GuardsAlsoTheNodeThatIsStartedAgain) {
  const auto store = open(5ms);
  supervised_node node{settings(), {"--restart"}};
  pid_t old = 0;
  for (int i = 0; i < 2; ++i) {
    ASSERT_NE(supervised_node::wait_joined(*store), 0u);
    old = node.node(old);
    EXPECT_LT(node.kill_and_watch(*store), 1s);
  }
  ASSERT_NE(supervised_node::wait_joined(*store), 0u);
  node.parent().send(SIGTERM);
  ASSERT_TRUE(node.parent().wait_end(20s));
  EXPECT_EQ(node.parent().how_it_ended(), "exited with 0");
}

}  // namespace
}  // namespace troupe::sharding
