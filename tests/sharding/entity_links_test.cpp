// What entities have not: links.
#include <troupe/sharding.hpp>

#include <gtest/gtest.h>

#include <chrono>

namespace troupe {
namespace {

using namespace std::chrono_literals;

struct friendly;

struct lonely {
  static constexpr auto name = "lonely";
  struct link {
    actor_ref<friendly> to;
  };
  struct self {};
  using protocol = troupe::protocol<int(link), actor_ref<lonely>(self)>;

  int on(const link& m, context& ctx);
  actor_ref<lonely> on(self, context& ctx) { return ctx.self<lonely>(); }
};

struct friendly {
  struct link {
    entity_ref<lonely> to;
  };
  struct link_as_actor {
    actor_ref<lonely> to;
  };
  using protocol = troupe::protocol<int(link), int(link_as_actor)>;

  int on(const link& m, context& ctx) { return static_cast<int>(ctx.link(m.to)); }
  int on(const link_as_actor& m, context& ctx) { return static_cast<int>(ctx.link(m.to)); }
};

int lonely::on(const link& m, context& ctx) {
  return static_cast<int>(ctx.link(m.to));
}

TEST(EntityLinks, AreRefusedOnEitherSideAndByAnyAddress) {
  node_options options;
  options.name = "n";
  options.log.level = "off";
  options.cluster.path = "entity_links";
  auto n = node::start(options).value();
  const entities<lonely> all{n};
  ASSERT_TRUE(cluster{n}.wait_until_up(10s).ok());
  const auto actor = n.spawn<friendly>();
  const auto refused = static_cast<int>(errc::unavailable);

  EXPECT_EQ(actor.ask(friendly::link{all["a"]}, 5s).value(), refused);
  EXPECT_EQ(all["a"].ask(lonely::link{actor}, 5s).value(), refused);
  const auto named = all["a"].ask(lonely::self{}, 5s).value();
  EXPECT_EQ(actor.ask(friendly::link_as_actor{named}, 5s).value(), refused);
}

}  // namespace
}  // namespace troupe
