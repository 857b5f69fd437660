#include "cluster_page.hpp"

#include "chat_words.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <utility>

namespace chat {
namespace {

using namespace std::chrono_literals;
using chat_tests::event;
using chat_tests::word;

troupe::cluster_status two_members() {
  troupe::member_status m;
  m.name = "n1";
  m.state = troupe::sharding::member_state::up;
  m.incarnation = 0xbeef;
  m.address = {"127.0.0.1", 4001};
  m.labels["http"] = "127.0.0.1:8080";
  m.shards = 512;
  m.entities = 3;
  m.messages_per_s = 1.5;
  m.reachable = true;
  troupe::cluster_status status;
  status.node = "n1";
  status.state = m.state;
  status.serving = true;
  status.epoch = 7;
  status.shards = 1024;
  status.members = {m, {}};
  status.members[1].name = "n2";
  status.ring_members = {"n1", "n2"};
  status.ring = {{0, 0}, {1ull << 63, 1}, {3ull << 62, 0}};
  return status;
}

TEST(ClusterPage, ShowsTheNodeAndItsView) {
  const auto page = event(write_cluster(two_members(), {}));

  EXPECT_EQ(word(page, "node"), "n1");
  EXPECT_EQ(word(page, "state"), "up");
  EXPECT_TRUE(page.at("serving").as_bool());
  EXPECT_EQ(page.at("epoch").to_number<int>(), 7);
  EXPECT_EQ(page.at("shards").to_number<int>(), 1024);
}

TEST(ClusterPage, ShowsEachMember) {
  const auto page = event(write_cluster(two_members(), {}));

  const auto& members = page.at("members").as_array();
  ASSERT_EQ(members.size(), 2u);
  const auto& n1 = members[0].as_object();
  EXPECT_EQ(word(n1, "name"), "n1");
  EXPECT_EQ(word(n1, "state"), "up");
  EXPECT_EQ(word(n1, "incarnation"), "beef");
  EXPECT_EQ(word(n1, "address"), "127.0.0.1:4001");
  EXPECT_EQ(word(n1, "http"), "127.0.0.1:8080");
  EXPECT_EQ(n1.at("shards").to_number<int>(), 512);
  EXPECT_EQ(n1.at("entities").to_number<int>(), 3);
  EXPECT_EQ(n1.at("messages_per_s").to_number<double>(), 1.5);
  EXPECT_TRUE(n1.at("reachable").as_bool());
  EXPECT_EQ(word(members[1].as_object(), "http"), "") << "it has no such label";
}

TEST(ClusterPage, ShowsTheRingsTokensAsPartsOfIt) {
  const auto page = event(write_cluster(two_members(), {}));

  const auto& ring = page.at("ring").as_object();
  EXPECT_EQ(ring.at("n1"), (boost::json::array{0.0, 0.75}));
  EXPECT_EQ(ring.at("n2"), (boost::json::array{0.5}));
}

TEST(ClusterPage, ANodeThatServesIsHealthy) {
  const auto healthy = answer_health(two_members());

  EXPECT_EQ(healthy.status, 200);
  EXPECT_EQ(word(event(healthy.body), "status"), "serving");
  EXPECT_EQ(word(event(healthy.body), "node"), "n1");
}

TEST(ClusterPage, ANodeThatDoesNotServeIsNot) {
  auto status = two_members();
  status.serving = false;

  EXPECT_EQ(answer_health(status).status, 503);
  EXPECT_EQ(word(event(answer_health(status).body), "status"), "not serving");
}

/// One node that is its whole cluster.
struct a_cluster_of_one : testing::Test {
  static troupe::node start() {
    troupe::node_options o;
    o.name = "alone";
    o.log.level = "off";
    o.cluster.path = "cluster_page_test";
    return troupe::node::start(std::move(o)).value();
  }
  troupe::node node = start();
  troupe::cluster cluster{node};

  void SetUp() override { ASSERT_TRUE(cluster.wait_until_up(10s).ok()); }
  http_answer get(const std::string& path, const std::map<std::string, std::string>& query = {}) {
    return answer_get(node, cluster, path, query);
  }
};

using ClusterOfOne = a_cluster_of_one;

TEST_F(ClusterOfOne, AnswersForItself) {
  EXPECT_EQ(get("/healthz").status, 200);

  const auto page = event(get("/cluster").body);
  EXPECT_EQ(word(page, "node"), "alone");
  EXPECT_EQ(page.at("members").as_array().size(), 1u);
  EXPECT_TRUE(page.at("supervision").as_object().contains("lines"));
}

TEST_F(ClusterOfOne, ExplainsWhereAnEntityLives) {
  const auto answer = get("/cluster/explain", {{"type", "guild"}, {"id", "lobby"}});

  EXPECT_EQ(answer.status, 200);
  const auto why = event(answer.body);
  EXPECT_EQ(word(why, "owner"), "alone");
  EXPECT_EQ(word(why, "type"), "guild");
  EXPECT_EQ(word(why, "id"), "lobby");
  EXPECT_LT(why.at("shard").to_number<int>(), 1024);
  EXPECT_LT(why.at("at").to_number<double>(), 1.0);
}

TEST_F(ClusterOfOne, ExplainWantsATypeAndAnId) {
  for (const auto& query : {std::map<std::string, std::string>{},
                            {{"type", "guild"}},
                            {{"id", "lobby"}},
                            {{"type", "guild"}, {"id", ""}}}) {
    const auto answer = get("/cluster/explain", query);
    EXPECT_EQ(answer.status, 400);
    EXPECT_TRUE(event(answer.body).contains("error"));
  }
}

TEST_F(ClusterOfOne, ServesThePageAndNothingElse) {
  EXPECT_EQ(get("/").status, 200);
  EXPECT_TRUE(get("/").type.starts_with("text/html"));
  EXPECT_EQ(get("/etc/passwd").status, 404);
}

}  // namespace
}  // namespace chat
