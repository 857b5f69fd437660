#include <troupe/core.hpp>
#include <troupe/supervision/supervisor_spec.hpp>

#include <gtest/gtest.h>

namespace troupe::supervision {
namespace {

using namespace std::chrono_literals;

struct ping {};
struct cache {
  using protocol = troupe::protocol<void(ping)>;
  void on(ping) {}
};
struct mailer {
  using protocol = troupe::protocol<void(ping)>;
  explicit mailer(std::string url) : host(std::move(url)) {}
  void on(ping) {}
  std::string host;
};

supervisor_spec tree() {
  return one_for_one().id("root").give_up_after(1, 10s).children(
      child<cache>(), child<mailer>("localhost").transient().stop_within(2s),
      rest_for_one().children(child<cache>().id("first"), child<cache>().id("second")),
      dynamic_supervisor().id("sessions").max_children(9));
}

TEST(SupervisorSpec, ReadsAsItPrints) {
  EXPECT_EQ(to_string(tree().tree()),
            "root permanent, stops within infinity; one_for_one, gives up after 1 in 10000 ms\n"
            "  cache permanent, stops within 5000 ms\n"
            "  mailer transient, stops within 2000 ms\n"
            "  rest_for_one permanent, stops within infinity; rest_for_one, gives up after 3 in "
            "5000 ms\n"
            "    first permanent, stops within 5000 ms\n"
            "    second permanent, stops within 5000 ms\n"
            "  sessions permanent, stops within infinity; simple, gives up after 3 in 5000 ms, at "
            "most 9 children\n");
  EXPECT_TRUE(check(tree().tree()));
}

TEST(SupervisorSpec, ComparesByPolicyAlone) {
  EXPECT_EQ(tree().tree(), tree().tree());
  EXPECT_EQ(child<mailer>("a").policy(), child<mailer>("b").policy());
  EXPECT_NE(child<mailer>("a").policy(), child<mailer>("a").temporary().policy());
}

TEST(SupervisorSpec, KnowsHowItsWorkersAreMadeInTheirOrder) {
  const supervisor_spec made = tree();
  ASSERT_EQ(made.births().size(), 4U);
  EXPECT_EQ(made.births()[1].type->name, "mailer");
  EXPECT_EQ(made.births()[3].id, "second");
}

TEST(SupervisorSpec, RefusesSiblingsOfOneNameUntilTheyAreNamed) {
  const auto twins = one_for_one().children(child<cache>(), child<cache>());
  EXPECT_EQ(check(twins.tree()).why().what, "one_for_one/cache: id: two children have it");
}

TEST(SupervisorSpec, TakesSignificantChildrenThatMayEnd) {
  const auto of = one_for_all()
                      .shut_down_with(auto_shutdown::any_significant)
                      .children(child<cache>().transient().significant());
  EXPECT_TRUE(check(of.tree()));
}

TEST(SupervisorSpec, TakesChildrenOneByOne) {
  auto many = one_for_one();
  for (const char* id : {"a", "b"}) many.add(child<cache>().id(id));
  many.add(rest_for_one().children(child<cache>()));
  EXPECT_EQ(many.tree(), one_for_one()
                             .children(child<cache>().id("a"), child<cache>().id("b"),
                                       rest_for_one().children(child<cache>()))
                             .tree());
  EXPECT_EQ(many.births().size(), 3u);
}

}  // namespace
}  // namespace troupe::supervision
