#include <troupe/supervision/spec_file.hpp>

#include <gtest/gtest.h>

namespace troupe::supervision {
namespace {

using namespace std::chrono_literals;

constexpr auto written = R"(id = "root"
strategy = "one_for_all"
restarts = 2
period = "10s"
auto_shutdown = "any_significant"

[[children]]
id = "cache"
restart = "transient"
shutdown = "2s"
significant = true
backoff = {first = "100ms", longest = "1min", quiet = "1h"}

[[children]]
id = "sessions"
strategy = "simple"
max_children = 100

[[children]]
id = "web"
strategy = "rest_for_one"
[[children.children]]
id = "database"
shutdown = "infinity"
[[children.children]]
id = "page"
shutdown = "brutal_kill"
)";

TEST(SpecFile, GivesTheTreeThatItWritesDown) {
  spec cache = worker_spec("cache");
  cache.child.restart = restart::transient;
  cache.child.shutdown = shutdown::within(2s);
  cache.child.significant = true;
  cache.child.backoff = {.first = 100ms, .longest = 1min, .quiet = 1h};
  spec database = worker_spec("database");
  database.child.shutdown = shutdown::infinity();
  spec page = worker_spec("page");
  page.child.shutdown = shutdown::brutal_kill();
  const spec expected = group_spec(
      "root",
      {.strategy = strategy::one_for_all,
       .intensity = {2, 10s},
       .auto_shutdown = auto_shutdown::any_significant},
      {cache, group_spec("sessions", {.strategy = strategy::simple, .max_children = 100}),
       group_spec("web", {.strategy = strategy::rest_for_one}, {database, page})});

  EXPECT_EQ(to_string(read_spec(written, "tree.toml").value()), to_string(expected));
  EXPECT_EQ(read_spec(written, "tree.toml").value(), expected);
}

struct wrong_file {
  std::string toml;
  std::string says;
};

TEST(SpecFile, IsRefusedWithLineColumnChildAndField) {
  const std::string root = "id = \"r\"\nstrategy = \"one_for_one\"\n";
  const std::vector<wrong_file> cases{
      {"id = ", "t:1:6: not TOML: "},
      {"id = 5", "t:1:6: #1: id: must be text, in quotes"},
      {"", "t:1:1: #1: id: is empty"},
      {"id = \"r\"\nrestart = \"often\"",
       "t:2:11: r: restart: must be one of: permanent, temporary, transient"},
      {"id = \"r\"\ncolour = 1", "t:2:1: r: colour: is unknown; there are: id, restart,"},
      {"id = \"r\"\nperiod = \"5s\"", "t:2:10: r: period: belongs to a supervisor"},
      {root + "restarts = -1", "t:3:12: r: restarts: must be a whole number from 0"},
      {root + "period = \"5\"", "t:3:10: r: period: must be a duration such as"},
      {root + "period = \"0s\"", "t:1:1: r: period: is 0 ns; it must be more than zero"},
      {root + "period = \"99999999999h\"", "r: period: is longer than a year"},
      {root + "children = 1", "t:3:12: r: children: must be tables"},
      {root + "children = [1]", "t:3:13: r: children: must be tables"},
      {root + "significant = 1", "t:3:15: r: significant: must be true or false"},
      {root + "backoff = 1", "t:3:11: r: backoff: must be a table"},
      {root + "backoff = {last = \"1s\"}", "t:3:12: r: backoff: last: is unknown"},
      {root + "[[children]]\nid = \"a\"\n[[children]]\nid = \"a\"",
       "t:5:1: r/a: id: two children have it"},
      {std::string(300, '.'), "t:1:1: a line has more than 200 dots"},
      {std::string(max_spec_bytes + 1, '\n'), "t:1:1: is larger than 1 MiB"},
  };
  for (const wrong_file& one : cases) {
    const auto read = read_spec(one.toml, "t");
    ASSERT_FALSE(read) << one.says;
    EXPECT_NE(read.why().what.find(one.says), std::string::npos)
        << read.why().what << "\nexpected: " << one.says;
  }
}

}  // namespace
}  // namespace troupe::supervision
