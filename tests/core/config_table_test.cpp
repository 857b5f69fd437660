#include "config_files.hpp"
#include "setting_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using settings::setting;
using settings::spelling;
using testing::HasSubstr;

/// For each setting a value that is not its default, as text. A new setting needs its line here.
const std::map<std::string, std::string> other_values = {
    {"node.name", "n1"},
    {"node.listen", "127.0.0.1:4001"},
    {"node.weight", "2.5"},
    {"node.labels.http", ":8080"},
    {"cluster.name", "chat"},
    {"cluster.store", "sqlite"},
    {"cluster.path", "/tmp/a.db"},
    {"cluster.lease", "6s"},
    {"cluster.poll", "60ms"},
    {"cluster.join_timeout", "1h"},
    {"cluster.drain_timeout", "40s"},
    {"cluster.etcd.endpoints", "https://db:1"},
    {"cluster.etcd.user", "u"},
    {"cluster.etcd.password", "p"},
    {"cluster.etcd.ca", "/ca"},
    {"cluster.etcd.cert", "/c"},
    {"cluster.etcd.key", "/k"},
    {"journal.store", "sqlite"},
    {"journal.path", "/j"},
    {"sharding.shards", "64"},
    {"sharding.vnodes", "7"},
    {"sharding.load_bound", "2"},
    {"link.heartbeat", "2s"},
    {"link.silence", "1min"},
    {"link.reconnect_max", "3s"},
    {"link.max_frame", "1MiB"},
    {"link.send_queue", "2MiB"},
    {"runtime.workers", "3"},
    {"runtime.mailbox", "77"},
    {"log.level", "debug"},
    {"pools.blocking.threads", "3"},
    {"pools.blocking.queue", "9"},
};

std::string section_of(const setting& s) {
  return s.section == "pools.<name>" ? "pools.blocking" : std::string(s.section);
}

std::string key_of(const setting& s) {
  return s.key == "*" ? "http" : std::string(s.key);
}

std::string shown(const setting& s, const node_options& o) {
  return describe(s.show(o));
}

/// Every setting, with its other value, is set by `load` and nothing else is.
template <class Load>
void expect_each_to_be_settable(Load load) {
  const node_options defaults;
  for (const setting& s : settings::table()) {
    const std::string path = spell(spelling::dotted, section_of(s), key_of(s));
    ASSERT_TRUE(other_values.contains(path)) << path << " has no line in other_values";

    const result<node_options> loaded = load(s, other_values.at(path));

    ASSERT_EQ(why(loaded), "accepted") << path;
    EXPECT_THAT(shown(s, *loaded), HasSubstr(other_values.at(path))) << path;
    for (const setting& t : settings::table()) {
      const bool same = shown(t, *loaded) == shown(t, defaults);
      EXPECT_EQ(same, &t != &s) << path << " and " << t.section << '.' << t.key;
    }
  }
}

TEST(SettingsTable, EachSettingIsReadFromAFile) {
  expect_each_to_be_settable([](const setting& s, const std::string& text) {
    const bool number = s.numbers && text.find_first_not_of("0123456789.") == std::string::npos;
    const std::string quote = number ? "" : "\"";
    return load_text('[' + section_of(s) + "]\n" + key_of(s) + " = " + quote + text + quote);
  });
}

TEST(SettingsTable, EachSettingIsReadFromTheEnvironment) {
  expect_each_to_be_settable([](const setting& s, const std::string& text) {
    const variable v(spell(spelling::environment, section_of(s), key_of(s)), text);
    return load_environment();
  });
}

TEST(SettingsTable, EachSettingIsReadFromAnOverride) {
  expect_each_to_be_settable([](const setting& s, const std::string& text) {
    return load_override(spell(spelling::dotted, section_of(s), key_of(s)) + '=' + text);
  });
}

TEST(SettingsTable, EveryVariableIsSpeltLikeItsSetting) {
  EXPECT_EQ(spell(spelling::environment, "cluster", "join_timeout"), "TROUPE_CLUSTER_JOIN_TIMEOUT");
  EXPECT_EQ(spell(spelling::environment, "node.labels", "http"), "TROUPE_NODE_LABELS_HTTP");
}

/// The values just inside and just outside of both ends of a range.
struct bounds {
  std::string setting;
  std::vector<std::string> inside;
  std::vector<std::string> outside;
};

TEST(SettingsTable, RangesHoldAtBothEnds) {
  const std::string longest_name(64, 'x');
  const std::string longest_path(4096, 'x');
  const std::vector<bounds> all = {
      {"node.name", {"a", longest_name, "A-z.0_9"}, {"", longest_name + "x", "a b", "é", "a/b"}},
      {"node.listen", {"h:0", "h:65535", "[::1]:1"}, {"h:65536", "h:-1", "h", ":1", "::1:1"}},
      {"node.weight", {"0", "100"}, {"-0.001", "100.001", "nan", "inf"}},
      {"cluster.name", {"a", longest_name}, {"", longest_name + "x"}},
      {"cluster.store", {"memory", "sqlite", "etcd"}, {"", "Memory", "redis"}},
      {"cluster.path", {"a", longest_path}, {"", longest_path + "x", "a\nb"}},
      {"cluster.lease", {"500ms", "10min"}, {"499ms", "600001ms"}},
      {"cluster.poll", {"5ms", "1250ms"}, {"4ms", "5001ms", "1251ms"}},
      {"cluster.join_timeout", {"1ms", "1h"}, {"0s", "3600001ms"}},
      {"cluster.drain_timeout", {"1ms", "1h"}, {"0s", "3600001ms"}},
      {"cluster.etcd.endpoints",
       {"http://a:1", "https://[::1]:2379,http://b:65535"},
       {"", "a:1", "http://a", "http://a:0", "http://a:1,", ",http://a:1", "http://a:1/x",
        "http://a:1 http://b:1", "ftp://a:1", "http://:1"}},
      {"cluster.etcd.user", {"", std::string(256, 'x')}, {std::string(257, 'x'), "a\nb"}},
      {"cluster.etcd.password", {"", "p w"}, {std::string(257, 'x'), "a\nb"}},
      {"cluster.etcd.ca", {"", longest_path}, {longest_path + "x"}},
      {"cluster.etcd.cert", {"", longest_path}, {longest_path + "x"}},
      {"cluster.etcd.key", {"", longest_path}, {longest_path + "x"}},
      {"journal.store", {"auto", "memory", "sqlite"}, {"", "etcd"}},
      {"journal.path", {"", longest_path}, {longest_path + "x"}},
      {"sharding.shards", {"1", "2", "65536"}, {"0", "3", "65537", "131072", "-2"}},
      {"sharding.vnodes", {"1", "10000"}, {"0", "10001", "4294967297"}},
      {"sharding.load_bound", {"1.01", "10"}, {"1.009", "10.001", "nan"}},
      {"link.heartbeat", {"10ms", "2999ms"}, {"9ms", "60001ms", "3s"}},
      {"link.silence", {"1001ms", "10min"}, {"19ms", "600001ms", "1s"}},
      {"link.reconnect_max", {"10ms", "1min"}, {"9ms", "60001ms"}},
      {"link.max_frame", {"1024", "1KiB", "1GiB"}, {"1023", "1073741825", "-1"}},
      {"link.send_queue", {"1KiB", "16GiB"}, {"1023", "17179869185"}},
      {"runtime.workers", {"0", "1024"}, {"-1", "1025"}},
      {"runtime.mailbox", {"1", "500000"}, {"0", "500001", "99999999999999999999"}},
      {"pools.a-z_0.threads", {"0", "1024"}, {"-1", "1025"}},
      {"pools.disk.queue", {"1", "1000000"}, {"0", "1000001"}},
      {"log.level", {"trace", "debug", "info", "warn", "error", "off"}, {"", "INFO", "fatal"}},
  };
  ASSERT_EQ(all.size() + 1, settings::table().size()) << "labels have a test of their own";

  for (const bounds& b : all) {
    for (const std::string& v : b.inside) {
      EXPECT_EQ(why(load_override(b.setting + '=' + v)), "accepted") << b.setting << '=' << v;
    }
    for (const std::string& v : b.outside) {
      EXPECT_NE(why(load_override(b.setting + '=' + v)), "accepted") << b.setting << '=' << v;
    }
  }
}

TEST(SettingsTable, DurationsAreWholeNumbersOfAUnit) {
  for (const std::string v : {"5", "5 s", "1.5s", "-5s", "+5s", "s", "5sec", "5S", " 5s", "5s ", "",
                              "9223372036854775807h", "99999999999999999999ms"}) {
    EXPECT_THAT(why(load_override("cluster.lease=" + v)), HasSubstr("expected a duration")) << v;
  }
}

TEST(SettingsTable, AtMostThirtyTwoLabelsOf256Bytes) {
  const std::string longest(256, 'x');
  std::string full = "[node.labels]\n";
  for (int i = 0; i < 32; ++i) full += "label" + std::to_string(i) + " = \"\"\n";

  EXPECT_EQ(load_text(full).value().labels.size(), 32u);
  EXPECT_EQ(why_not(full + "one_more = \"\"\n"),
            "node.toml:34:12: [node.labels] one_more: expected at most 32 labels");
  EXPECT_EQ(why(load_override("node.labels." + longest + '=' + longest)), "accepted");
  EXPECT_THAT(
      why(load_override("node.labels.a=" + longest + "x")),
      HasSubstr("--set node.labels.a: expected a label of at most 256 printable bytes, found"));
  EXPECT_THAT(why(load_override("node.labels." + longest + "x=")),
              HasSubstr("expected a label name of 1 to 256 printable bytes, found"));
  EXPECT_EQ(why(load_override("node.labels.=x")),
            "--set node.labels.: expected a label name of 1 to 256 printable bytes, found \"\"");
}

TEST(SettingsTable, PoolsAddUpByName) {
  const auto loaded = load_text("[pools.disk]\nthreads = 2\n[pools.cpu]\nqueue = 5\n");
  ASSERT_EQ(why(loaded), "accepted");
  ASSERT_EQ(loaded->pools.size(), 3u);
  EXPECT_EQ(loaded->pools.at("disk").threads, 2u);
  EXPECT_EQ(loaded->pools.at("disk").queue, 1000u);
  EXPECT_EQ(loaded->pools.at("cpu").queue, 5u);
  EXPECT_TRUE(loaded->pools.contains("blocking"));
  const variable v("TROUPE_POOLS_SLOW_DISK_THREADS", "3");
  EXPECT_EQ(load_environment().value().pools.at("slow_disk").threads, 3u);
}

TEST(SettingsTable, PoolsAreRefusedBySentence) {
  EXPECT_EQ(why_not("[pools.disk]\nthread = 2\n"),
            "node.toml:2:1: [pools.disk] thread: unknown key, did you mean [pools.disk] threads?");
  EXPECT_EQ(why_not("[pools]\ndisk = 2\n"),
            "node.toml:2:1: [pools.disk]: expected a table, found integer 2");
  EXPECT_EQ(why_not("[pools.disk]\n"),
            "node.toml:1:8: [pools.disk]: sets nothing; [pools.disk] has threads and queue");
  EXPECT_EQ(why_not("[pools.\"My Disk\"]\nthreads = 2\n"),
            "node.toml:2:11: [pools.My Disk] threads: expected a pool name of 1 to 32 of a-z 0-9 _ "
            "-, found \"My Disk\"");
  EXPECT_EQ(why_not("[pools.\"a.b\"]\nthreads = 2\n"),
            "node.toml:1:8: [pools] a.b: unknown key; [pools.<name>] has threads and queue");
  EXPECT_EQ(why(load_override("pools.disk=2")),
            "--set pools.disk: is a section; write pools.disk.<key> for each of its keys");
  std::string many;
  for (int i = 0; i < 32; ++i) many += "[pools.p" + std::to_string(i) + "]\nqueue = 1\n";
  EXPECT_EQ(why_not(many), "node.toml:64:9: [pools.p31] queue: expected at most 32 pools");

  node_options o;
  o.pools["disk"].queue = 0;
  EXPECT_EQ(check(o).why().what,
            "[pools]: disk: expected 1 to 1000000, found integer 0; queue is how many jobs may "
            "wait for a thread before the pool is overloaded");
}

TEST(SettingsTable, AConflictIsToldWhereItWasMade) {
  EXPECT_EQ(why_not("[cluster]\nlease = \"4s\"\npoll = \"1001ms\"\n"),
            "node.toml:3:8: [cluster] poll: poll must be at most a quarter of lease, found poll "
            "1001ms and lease 4s");
  EXPECT_EQ(why(load_override("link.silence=1s")),
            "--set link.silence: heartbeat must be less than silence, found heartbeat 1s and "
            "silence 1s");
}

TEST(Check, RefusesWhatAProgramFilledInWrongly) {
  node_options o;
  o.name = "";
  o.listen.host = "";
  o.labels["a"] = std::string(257, 'x');
  o.cluster.lease = 499ms;
  o.link.send_queue = std::numeric_limits<std::size_t>::max();

  const result<void> checked = check(o);

  EXPECT_EQ(checked.code(), errc::invalid_config);
  EXPECT_EQ(
      checked.why().what,
      "[node] name: expected 1 to 64 of A-Z a-z 0-9 . _ -, found \"\"; name is this node's "
      "name, unique in its cluster\n"
      "[node] listen: expected host:port such as \"127.0.0.1:4001\", found \":0\"; listen is "
      "where other nodes reach this one; port 0 takes a free one\n"
      "[node.labels]: expected a label of at most 256 printable bytes, found \"" +
          std::string(60, 'x') +
          "… (cut from 257 bytes)\"\n"
          "[cluster] lease: expected \"500ms\" to \"10min\", found \"499ms\"; lease is how long "
          "a dead node keeps its shards\n"
          "[link] send_queue: expected \"1KiB\" to \"16GiB\", found integer "
          "9223372036854775807; send_queue is how much may wait for one peer before it is "
          "overloaded");
}

TEST(Check, RefusesConflicts) {
  node_options o;
  o.cluster.poll = 1251ms;
  o.link.heartbeat = 3s;

  EXPECT_EQ(check(o).why().what,
            "[cluster]: poll must be at most a quarter of lease, found poll 1251ms and lease 5s\n"
            "[link]: heartbeat must be less than silence, found heartbeat 3s and silence 3s");
}

class ReferenceFile : public testing::Test {
 protected:
  static std::filesystem::path path() { return TROUPE_SOURCE_DIR "/examples/node.toml"; }

  static std::vector<std::string> lines() {
    std::vector<std::string> all;
    std::ifstream in(path());
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }
};

TEST_F(ReferenceFile, SaysTheDefaults) {
  const auto loaded = load_config({.file = path(), .environment = false, .overrides = {}});

  ASSERT_EQ(why(loaded), "accepted");
  const node_options defaults;
  for (const setting& s : settings::table()) EXPECT_EQ(shown(s, *loaded), shown(s, defaults));
}

TEST_F(ReferenceFile, NamesEverySettingBelowItsMeaning) {
  std::string section;
  std::string comment;
  std::size_t named = 0;
  for (const std::string& line : lines()) {
    const std::string key = line.substr(line.starts_with("# http") ? 2 : 0);
    if (line.starts_with('[')) section = line.substr(1, line.find(']') - 1);
    if (const auto end = key.find(" = "); end != std::string::npos) {
      const setting* s = settings::find(section, key.substr(0, end));
      ASSERT_TRUE(s) << line;
      EXPECT_THAT(comment, HasSubstr("# " + std::string(s->meaning))) << line;
      ++named;
    }
    comment = line;
  }

  EXPECT_EQ(named, settings::table().size());
}

}  // namespace
}  // namespace troupe
