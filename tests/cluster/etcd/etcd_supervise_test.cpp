// A node with an etcd, below troupe_supervise.
#include "etcd_servers.hpp"
#include "supervised_node.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

namespace troupe::sharding {
namespace {

using namespace std::chrono_literals;

TEST(EtcdSupervise, EndsTheLeaseOfANodeThatWasKilledAtOnce) {
  const etcd_servers one{1};
  cluster_options options;
  options.name = "c";
  options.store = "etcd";
  options.etcd.endpoints = one.urls();
  const auto store = open_store(options).value();
  std::vector<std::chrono::microseconds> took;
  for (int i = 0; i < 5; ++i) {
    supervised_node node{{"cluster.store=etcd", "cluster.etcd.endpoints=" + one.urls()}};
    ASSERT_NE(supervised_node::wait_joined(*store), 0u);
    took.push_back(node.kill_and_watch(*store));
    ASSERT_TRUE(node.parent().wait_end(10s));
    EXPECT_EQ(node.parent().how_it_ended(), "exited with 137");
  }
  std::ranges::sort(took);
  std::cout << "[ figures  ] etcd: from kill -9 to member gone " << took[2].count()
            << " us median, " << took.back().count() << " us worst of 5\n";
  EXPECT_LT(took[2], 1s);  // the lease is of 10 s
}

}  // namespace
}  // namespace troupe::sharding
