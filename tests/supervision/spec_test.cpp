#include <troupe/supervision/spec.hpp>

#include <gtest/gtest.h>

#include <functional>

namespace troupe::supervision {
namespace {

using namespace std::chrono_literals;

spec tree() {
  spec session = worker_spec("session");
  session.child.restart = restart::transient;
  session.child.shutdown = shutdown::within(2s);
  return group_spec("root", {},
                    {worker_spec("cache"), group_spec("web", {.strategy = strategy::rest_for_one},
                                                      {worker_spec("database"), session})});
}

TEST(Spec, HasTheDefaultsOfOtpAndElixir) {
  const spec one = tree();
  EXPECT_EQ(one.children[0].child.restart, restart::permanent);
  EXPECT_EQ(one.children[0].child.shutdown, shutdown::within(5s));
  EXPECT_EQ(one.children[0].child.type, child_type::worker);
  EXPECT_TRUE(one.child.shutdown.is_infinity());
  EXPECT_EQ(one.group->intensity, (intensity{3, 5s}));
  EXPECT_EQ(otp_intensity, (intensity{1, 5s}));
}

TEST(Spec, ComparesAndPrintsAsATree) {
  EXPECT_EQ(tree(), tree());
  EXPECT_NE(tree(), worker_spec("root"));
  EXPECT_EQ(to_string(tree()),
            "root permanent, stops within infinity; one_for_one, gives up after 3 in 5000 ms\n"
            "  cache permanent, stops within 5000 ms\n"
            "  web permanent, stops within infinity; rest_for_one, gives up after 3 in 5000 ms\n"
            "    database permanent, stops within 5000 ms\n"
            "    session transient, stops within 2000 ms\n");
}

TEST(Spec, IsCheckedBeforeAnythingIsStarted) {
  EXPECT_TRUE(check(tree()));
  EXPECT_TRUE(check(worker_spec("alone")));
}

struct wrong_case {
  std::function<void(spec&)> spoil;
  std::string says;
};

TEST(Spec, NamesTheChildAndTheFieldThatAreWrong) {
  const std::vector<wrong_case> cases{
      {[](spec& s) { s.children[1].children[1].child.id = "database"; },
       "root/web/database: id: two children have it"},
      {[](spec& s) { s.children[0].child.id.clear(); }, "root/#1: id: is empty"},
      {[](spec& s) { s.children[0].child.id.assign(256, 'x'); }, "id: is longer than 255 bytes"},
      {[](spec& s) { s.children[1].group->intensity.restarts = static_cast<std::size_t>(-1); },
       "root/web: restarts: is 18446744073709551615; it must be from 0 to 1000000"},
      {[](spec& s) { s.group->intensity.period = 0s; }, "root: period: is 0 ns; it must be more"},
      {[](spec& s) { s.group->intensity.period = -1s; }, "root: period: is -1000000000 ns"},
      {[](spec& s) { s.group->intensity.period = 24h * 366; }, "period: is longer than a year"},
      {[](spec& s) { s.children[0].child.shutdown = shutdown::within(-1ns); },
       "root/cache: shutdown: is -1 ns; it must not be negative"},
      {[](spec& s) { s.children[0].child.significant = true; },
       "root/cache: significant: its supervisor's auto_shutdown is never"},
      {[](spec& s) {
         s.group->auto_shutdown = auto_shutdown::any_significant;
         s.children[0].child.significant = true;
       },
       "root/cache: significant: a permanent child never ends for good"},
      {[](spec& s) { s.children[0].child.backoff = {.first = 2s, .longest = 1s}; },
       "root/cache: backoff.longest: is shorter than backoff.first"},
      {[](spec& s) { s.children[0].children = {worker_spec("x")}; },
       "root/cache: children: a worker has none"},
      {[](spec& s) { s.children[1].group.reset(); }, "root/web: strategy: is missing"},
      {[](spec& s) { s.children[1].child.type = child_type::worker; }, "root/web: type: is worker"},
      {[](spec& s) { s.children[1].group->strategy = strategy::simple; },
       "root/web: children: under simple they are started at run time"},
  };
  for (const wrong_case& one : cases) {
    spec spoiled = tree();
    one.spoil(spoiled);
    const auto verdict = check(spoiled);
    ASSERT_FALSE(verdict) << one.says;
    EXPECT_NE(verdict.why().what.find(one.says), std::string::npos) << verdict.why().what;
  }
}

spec nested(std::size_t depth) {
  spec deep = group_spec("s", {});
  for (std::size_t i = 1; i < depth; ++i) deep = group_spec("s", {}, {deep});
  return deep;
}

TEST(Spec, IsAtMost64Deep) {
  EXPECT_TRUE(check(nested(max_depth)));
  EXPECT_FALSE(check(nested(max_depth + 1)));
}

TEST(Spec, NamesAtMostAMillionChildren) {
  spec wide = group_spec("root", {});
  for (std::size_t i = 1; i < max_specs; ++i) {
    wide.children.push_back(worker_spec(std::to_string(i)));
  }
  EXPECT_TRUE(check(wide));
  wide.children.push_back(worker_spec("one more"));
  EXPECT_FALSE(check(wide));
}

}  // namespace
}  // namespace troupe::supervision
