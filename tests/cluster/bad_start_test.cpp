// What a person is told who starts a node wrongly: one error, with what to do; and nothing started.
#include "processes.hpp"
#include "temporary_folder.hpp"
#include <troupe/sharding/coordination_store.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <unistd.h>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;

/// `{}` stands for a folder of the test's own: in it are a text called letter, and a store that
/// may only be read, kept.db.
struct bad_start {
  const char* name;
  std::vector<std::string> settings;
  std::vector<std::string> told;
};

std::string filled_in(std::string text, const std::string& folder) {
  if (const auto at = text.find("{}"); at != std::string::npos) text.replace(at, 2, folder);
  return text;
}

std::size_t lines_with(const std::string& what, const std::string& text) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

void fill(const std::filesystem::path& folder) {
  std::ofstream{folder / "letter"} << "Dear reader, this is not a database of any kind.\n";
  cluster_options kept;
  kept.store = "sqlite";
  kept.path = (folder / "kept.db").string();
  ASSERT_TRUE(sharding::open_store(kept));
  using std::filesystem::perms;
  std::filesystem::permissions(kept.path, perms::owner_read);
}

/// For root, too, a file that may only be read is one.
std::vector<std::string> node_command() {
  if (geteuid() != 0) return {CHAT_NODE};
  return {"/usr/bin/setpriv", "--bounding-set=-dac_override", CHAT_NODE};
}

class BadStart : public testing::TestWithParam<bad_start> {};

TEST_P(BadStart, IsOneErrorWithWhatToDoAndNoPartialStart) {
  const testing_support::temporary_folder folder;
  ASSERT_NO_FATAL_FAILURE(fill(folder.path));
  auto words = node_command();
  for (const char* word : {"--http", "127.0.0.1:0", "--set", "cluster.join_timeout=2s"}) {
    words.emplace_back(word);
  }
  for (const auto& setting : GetParam().settings) {
    words.insert(words.end(), {"--set", filled_in(setting, folder.path.string())});
  }
  const auto log = folder.path / "log";
  chat::demo::process node{{words, log.string()}};
  ASSERT_TRUE(node.wait_end(10s));

  EXPECT_EQ(node.how_it_ended(), "exited with 1");
  std::ifstream in{log};
  const std::string said{std::istreambuf_iterator<char>{in}, {}};
  for (const auto& part : GetParam().told) {
    EXPECT_THAT(said, testing::HasSubstr(filled_in(part, folder.path.string())));
  }
  EXPECT_EQ(lines_with("chat_node: ", said), 1u) << said;
  EXPECT_LE(lines_with(" error ", said), 1u) << said;
  EXPECT_EQ(lines_with("membership state", said), 0u) << said;
  EXPECT_TRUE(node.new_lines().empty()) << "it says that it is ready";
  std::cout << said.substr(said.find("chat_node: "));
}

INSTANTIATE_TEST_SUITE_P(
    Nodes, BadStart,
    testing::Values(
        bad_start{"AStoreThatIsNotThere",
                  {"cluster.store=sqlite", "cluster.path={}/none/cluster.db"},
                  {"coordination store {}/none/cluster.db could not be opened",
                   "there is no directory {}/none; create it or change cluster.path"}},
        bad_start{"AStoreThatIsAnotherFile",
                  {"cluster.store=sqlite", "cluster.path={}/letter"},
                  {"coordination store {}/letter could not be opened",
                   "file is not a database; change cluster.path"}},
        bad_start{"AStoreThatIsReadOnly",
                  {"cluster.store=sqlite", "cluster.path={}/kept.db"},
                  {"coordination store {}/kept.db", "cannot be written"}},
        bad_start{"AnEtcdThatIsNotThere",
                  {"cluster.store=etcd", "cluster.etcd.endpoints=http://127.0.0.1:1"},
                  {"coordination store etcd http://127.0.0.1:1 could not be read",
                   "Connection refused); start etcd there, or change cluster.etcd.endpoints"}},
        bad_start{"ALeaseThatIsTooShort",
                  {"cluster.lease=100ms"},
                  {"cluster.lease: expected \"500ms\" to \"10min\", found \"100ms\""}},
        bad_start{"ALeaseThatThePollDoesNotAllow",
                  {"cluster.lease=1s", "cluster.poll=500ms"},
                  {"cluster.poll: poll must be at most a quarter of lease"}},
        bad_start{"AStoreThatDoesNotExist",
                  {"cluster.store=redis"},
                  {"cluster.store: expected", "found \"redis\""}}),
    [](const auto& one) { return std::string{one.param.name}; });

}  // namespace
}  // namespace troupe
