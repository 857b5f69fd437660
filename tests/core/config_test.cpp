#include "config_files.hpp"
#include <troupe/core/config.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Config, NoSourceGivesTheDefaults) {
  const node_options o = load_config({.file = {}, .environment = false, .overrides = {}}).value();

  EXPECT_EQ(o.name, "node");
  EXPECT_EQ(o.cluster.lease, 5s);
}

TEST(Config, TheDefaultsPassTheCheck) {
  const node_options defaults;

  EXPECT_TRUE(check(defaults).ok());
}

TEST(Config, AFileSetsWhatItNamesAndLeavesTheRest) {
  const node_options o = load_text(R"(
    [node]
    name = "n1"
    listen = "[::1]:4001"
    weight = 2
    labels = { http = ":8080", "a.b" = "" }
    [cluster]
    lease = "1min"
    [link]
    max_frame = "64KiB"
    send_queue = 70000
  )")
                             .value();

  EXPECT_EQ(o.name, "n1");
  EXPECT_EQ(o.listen, (endpoint{"::1", 4001}));
  EXPECT_EQ(o.weight, 2.0);
  EXPECT_EQ(o.labels, (std::map<std::string, std::string>{{"a.b", ""}, {"http", ":8080"}}));
  EXPECT_EQ(o.cluster.lease, 60s);
  EXPECT_EQ(o.link.max_frame, 65536u);
  EXPECT_EQ(o.link.send_queue, 70000u);
  EXPECT_EQ(o.cluster.name, "troupe");
}

TEST(Config, LaterSourcesWin) {
  const config_directory directory;
  const auto file = directory.write(R"(
    [cluster]
    name = "file"
    path = "file"
    lease = "7s"
    [node.labels]
    a = "file"
    b = "file"
    c = "file"
  )");
  const variable path("TROUPE_CLUSTER_PATH", "environment");
  const variable lease("TROUPE_CLUSTER_LEASE", "8s");
  const variable b("TROUPE_NODE_LABELS_B", "environment");
  const variable c("TROUPE_NODE_LABELS_C", "environment");

  const node_options o =
      load_config({.file = file, .overrides = {"cluster.lease=9s", "node.labels.c=override"}})
          .value();

  EXPECT_EQ(o.cluster.name, "file");
  EXPECT_EQ(o.cluster.path, "environment");
  EXPECT_EQ(o.cluster.lease, 9s);
  EXPECT_EQ(o.labels.at("a"), "file");
  EXPECT_EQ(o.labels.at("b"), "environment");
  EXPECT_EQ(o.labels.at("c"), "override");
}

TEST(Config, ALaterOverrideWinsOverAnEarlierOne) {
  const auto o =
      load_config({.file = {}, .environment = false, .overrides = {"node.name=a", "node.name=b"}});

  EXPECT_EQ(o.value().name, "b");
}

TEST(Config, TheEnvironmentIsReadOnlyWhenAskedFor) {
  const variable name("TROUPE_NODE_NAME", "n7");

  EXPECT_EQ(load_environment().value().name, "n7");
  EXPECT_EQ(load_override("node.weight=1").value().name, "node");
}

TEST(Config, VariablesOfOtherPartsAreIgnored) {
  const variable seed("TROUPE_SEED", "1");
  const variable near("TROUPE_NODES", "3");
  const variable other("TROUPE_CLUSTERS_LEASE", "3");

  EXPECT_EQ(why(load_environment()), "accepted");
}

TEST(Config, AnUnknownVariableOfASectionIsRefused) {
  const variable misspelt("TROUPE_CLUSTER_LEESE", "5s");
  const variable strange("TROUPE_LOG_COLOUR_OF_LINES", "red");
  const variable labels("TROUPE_NODE_LABELS", "x");

  EXPECT_EQ(
      why(load_environment()),
      "TROUPE_CLUSTER_LEESE: unknown key, did you mean TROUPE_CLUSTER_LEASE?\n"
      "TROUPE_LOG_COLOUR_OF_LINES: unknown key; [log] has level\n"
      "TROUPE_NODE_LABELS: is a section; write TROUPE_NODE_LABELS_<KEY> for each of its keys");
}

TEST(Config, AVariableWithAWrongValueIsNamed) {
  const variable lease("TROUPE_CLUSTER_LEASE", "5 seconds");
  const variable shards("TROUPE_SHARDING_SHARDS", "many");
  const variable level("TROUPE_LOG_LEVEL", "");

  EXPECT_EQ(
      why(load_environment()),
      "TROUPE_CLUSTER_LEASE: expected a duration such as \"5s\", found \"5 seconds\"; write a "
      "whole number and ms, s, min or h\n"
      "TROUPE_LOG_LEVEL: expected \"trace\", \"debug\", \"info\", \"warn\", \"error\" or \"off\", "
      "found \"\"; level is the least severe lines that are written\n"
      "TROUPE_SHARDING_SHARDS: expected a whole number, found \"many\"");
}

TEST(Config, AWrongOverrideIsNamed) {
  EXPECT_EQ(why(load_override("node.name")),
            "--set node.name: expected section.key=value, such as cluster.lease=5s");
  EXPECT_EQ(why(load_override("=x")),
            "--set \"\": expected section.key=value, such as cluster.lease=5s");
  EXPECT_EQ(why(load_override("cluster.lese=5s")),
            "--set cluster.lese: unknown key, did you mean cluster.lease?");
  EXPECT_EQ(why(load_override("clutser.lease=5s")),
            "--set clutser.lease: unknown section, did you mean [cluster]?");
  EXPECT_EQ(why(load_override("node.labels=x")),
            "--set node.labels: is a section; write node.labels.<key> for each of its keys");
  EXPECT_EQ(
      why(load_override("cluster.lease=5")),
      "--set cluster.lease: expected a duration such as \"5s\", found integer 5; say the unit: "
      "\"5ms\", \"5s\" or \"5min\"");
}

TEST(Config, AnOverrideMayHoldEqualsSignsAndALabelDots) {
  const node_options o = load_override("node.labels.a.b=c=d").value();

  EXPECT_EQ(o.labels.at("a.b"), "c=d");
}

TEST(ConfigFile, AMissingFileIsRefused) {
  const config_directory directory;
  const auto said =
      why(load_config({.file = directory.file(), .environment = false, .overrides = {}}));

  EXPECT_EQ(directory.relative(said),
            "node.toml: no such file; name a TOML file that exists, or none");
}

TEST(ConfigFile, WhatIsNotAFileIsRefusedWithoutOpeningIt) {
  const config_directory directory;
  const auto said = [&] {
    return directory.relative(
        why(load_config({.file = directory.file(), .environment = false, .overrides = {}})));
  };

  std::filesystem::create_directory(directory.file());
  EXPECT_EQ(said(), "node.toml: is a directory; name a TOML file");

  std::filesystem::remove(directory.file());
  ASSERT_EQ(::mkfifo(directory.file().c_str(), 0600), 0);
  EXPECT_EQ(said(), "node.toml: is a pipe or a device; name a TOML file");
}

TEST(ConfigFile, AnUnreadableFileIsRefused) {
  const config_directory directory;
  std::filesystem::create_symlink(directory.file(), directory.file());
  const auto said =
      why(load_config({.file = directory.file(), .environment = false, .overrides = {}}));

  EXPECT_EQ(directory.relative(said),
            "node.toml: cannot be read: Too many levels of symbolic links");
}

TEST(ConfigFile, OneMebibyteIsReadAndAByteMoreIsRefused) {
  const std::string fits = "#" + std::string((1 << 20) - 2, 'x') + "\n";

  EXPECT_EQ(why_not(fits), "accepted");
  EXPECT_EQ(why_not(fits + "\n"),
            "node.toml: is larger than 1 MiB, the most that settings may take");
}

TEST(ConfigFile, TablesInTablesWithoutEndAreRefused) {
  const auto nested = [](int dots) {
    std::string header = "[a";
    for (int i = 0; i < dots; ++i) header += ".a";
    return header + "]\n";
  };

  EXPECT_THAT(why_not(nested(10'000)), StartsWith("node.toml:1:2: [a]: unknown section"));
  EXPECT_EQ(why_not(nested(10'001)),
            "node.toml: has more than 10000 dots; no setting has a key of many parts");
  EXPECT_EQ(why_not(nested(500'000)), why_not(nested(10'001)));
}

// The words after "not TOML:" are the parser's.
TEST(ConfigFile, WhatIsNotTomlIsRefusedWithItsPlace) {
  EXPECT_THAT(why_not("[node]\nname = \n"), StartsWith("node.toml:2:8: not TOML: "));
  EXPECT_THAT(why_not("[node\n"), StartsWith("node.toml:1:6: not TOML: "));
  EXPECT_THAT(why_not("[node]\nname = \"a\"\nname = \"b\"\n"),
              StartsWith("node.toml:3:8: not TOML: "));
  EXPECT_THAT(why_not("[node]\nname = \"\xff\"\n"), HasSubstr(": not TOML: "));
  EXPECT_THAT(why_not("x = " + std::string(100'000, '[')), HasSubstr(": not TOML: "));
}

TEST(ConfigFile, AnUnknownSectionIsRefusedWithTheNearest) {
  EXPECT_EQ(why_not("[clutser]\nlease = \"5s\"\n"),
            "node.toml:1:2: [clutser]: unknown section, did you mean [cluster]?");
  EXPECT_EQ(why_not("[observability]\n"),
            "node.toml:1:2: [observability]: unknown section; there are [node], [node.labels], "
            "[cluster], [cluster.etcd], [journal], [sharding], [link], [runtime], [pools.<name>] "
            "and [log]");
}

TEST(ConfigFile, AnUnknownKeyIsRefusedWithTheNearest) {
  EXPECT_EQ(why_not("[cluster]\nlaese = \"5s\"\n"),
            "node.toml:2:1: [cluster] laese: unknown key, did you mean [cluster] lease?");
  EXPECT_EQ(why_not("[cluster]\nnmae = \"n1\"\n"),
            "node.toml:2:1: [cluster] nmae: unknown key, did you mean [cluster] name?");
  EXPECT_EQ(why_not("[node]\nlease = \"5s\"\n"),
            "node.toml:2:1: [node] lease: unknown key, did you mean [cluster] lease?");
  EXPECT_EQ(why_not("[link]\n\"a b\" = 1\n"),
            "node.toml:2:1: [link] \"a b\": unknown key; [link] has heartbeat, silence, "
            "reconnect_max, max_frame and send_queue");
}

TEST(ConfigFile, AKeyOutsideOfASectionIsRefused) {
  EXPECT_EQ(why_not("lease = \"5s\"\n"),
            "node.toml:1:1: lease: stands outside of a section, did you mean [cluster] lease?");
  EXPECT_EQ(why_not("cluster = 5\n"),
            "node.toml:1:1: [cluster]: expected a table, found integer 5");
  EXPECT_EQ(why_not("[node]\nlabels = \"x\"\n"),
            "node.toml:2:1: [node.labels]: expected a table, found \"x\"");
  EXPECT_EQ(why_not("[[cluster]]\n"), "node.toml:1:3: [cluster]: expected a table, found an array");
}

TEST(ConfigFile, AValueOfAnotherTypeIsRefusedWithBoth) {
  EXPECT_EQ(why_not("[cluster]\nlease = 5\n"),
            "node.toml:2:9: [cluster] lease: expected a duration such as \"5s\", found integer 5; "
            "say the unit: \"5ms\", \"5s\" or \"5min\"");
  EXPECT_EQ(why_not("[cluster]\nname = true\n"),
            "node.toml:2:8: [cluster] name: expected a string, found boolean true");
  EXPECT_EQ(why_not("[sharding]\nshards = \"8\"\n"),
            "node.toml:2:10: [sharding] shards: expected a whole number, found \"8\"");
  EXPECT_EQ(why_not("[sharding]\nshards = 8.0\n"),
            "node.toml:2:10: [sharding] shards: expected a whole number, found float 8");
  EXPECT_EQ(why_not("[node]\nweight = [1]\n"),
            "node.toml:2:10: [node] weight: expected a number, found an array");
  EXPECT_EQ(why_not("[node]\nlisten = 4001\n"),
            "node.toml:2:10: [node] listen: expected host:port such as \"127.0.0.1:4001\", found "
            "integer 4001");
  EXPECT_EQ(why_not("[link]\nmax_frame = \"16MB\"\n"),
            "node.toml:2:13: [link] max_frame: expected a size in bytes, such as 65536 or "
            "\"64KiB\" (KiB, MiB, GiB), found \"16MB\"");
  EXPECT_EQ(why_not("[node.labels]\na.b = \"c\"\n"),
            "node.toml:2:1: [node.labels] a: expected a string, found a table");
  EXPECT_EQ(why_not("[log]\nlevel = 2026-01-31\n"),
            "node.toml:2:9: [log] level: expected a string, found a date or time");
}

TEST(ConfigFile, EveryProblemIsToldFromTopToBottom) {
  EXPECT_EQ(
      why_not("[sharding]\nvnodes = 0\n[node]\nweight = -1\nname = \"a b\"\n"),
      "node.toml:2:10: [sharding] vnodes: expected 1 to 10000, found integer 0; vnodes is the "
      "ring tokens of a node with weight 1\n"
      "node.toml:4:10: [node] weight: expected 0 to 100, found integer -1; weight is this "
      "node's share of the ring; 0 owns nothing\n"
      "node.toml:5:8: [node] name: expected 1 to 64 of A-Z a-z 0-9 . _ -, found \"a b\"; name "
      "is this node's name, unique in its cluster");
}

TEST(ConfigFile, AtMostTwentyProblemsAreTold) {
  std::string toml = "[link]\n";
  for (int i = 0; i < 23; ++i) toml += "unknown" + std::to_string(i) + " = 1\n";

  const std::string said = why_not(toml);

  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 20);
  EXPECT_THAT(said, HasSubstr("node.toml:21:1: [link] unknown19: "));
  EXPECT_THAT(said, testing::EndsWith("\nand 3 more"));
}

TEST(ConfigFile, WhatAFileSaysCannotBreakTheLine) {
  EXPECT_EQ(
      why_not("[log]\nlevel = \"\\n\\u001b[31m\\\"\"\n"),
      "node.toml:2:9: [log] level: expected \"trace\", \"debug\", \"info\", \"warn\", "
      "\"error\" or \"off\", found \"\\n\\x1b[31m\\\"\"; level is the least severe lines that "
      "are written");
}

}  // namespace
}  // namespace troupe
