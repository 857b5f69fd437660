// What whoever asks reliably learns when the answer does not arrive, and when it takes long.
#include "cluster_service.hpp"
#include "sharding/three_nodes.hpp"

#include <atomic>
#include <list>
#include <memory>
#include <string>

namespace troupe {
namespace {

/// Answers nobody until it is opened.
struct doorkeeper {
  static constexpr auto name = "doorkeeper";
  struct knock {
    int number = 0;
  };
  struct seen {};
  struct open {};
  using protocol = troupe::protocol<int(knock), int(seen), void(open)>;

  later<int> on(knock m, context& ctx) {
    ++knocks;
    if (!is_open) return ctx.stash(m);
    auto answer = ctx.later<int>();
    answer.set(m.number);
    return answer;
  }
  int on(seen) const { return knocks; }
  void on(open, context& ctx) {
    is_open = true;
    ctx.unstash();
  }

  bool is_open = false;
  int knocks = 0;
};

class ReliableAnswers : public entities_on_three_nodes {
 protected:
  sharding::lanes& lanes_of(const std::string& name) {
    return sharding::cluster_service::of(at(name).node)->shards().out();
  }
  bool kept_no_more(const std::string& name) {
    return lanes_of(name).wait_until_empty(std::chrono::steady_clock::now() + 5s);
  }
  /// The next answer that comes to `name` is dropped, as when its connection breaks.
  void lose_an_answer(const std::string& name) {
    auto* inside = at(name).node.inside().get();
    inside->posts().handle(detail::frame_kind::answer,
                           [inside, lost = std::make_shared<std::atomic<bool>>(false)](
                               const std::string& from, reader& in) {
                             if (lost->exchange(true)) inside->asks().answered(from, in);
                           });
  }
};

TEST_F(ReliableAnswers, OneThatIsLostIsSaidToBeLost) {
  start_all();
  const auto ref = at("a").accounts[id_on("b")];
  ASSERT_EQ(ref.ask(savings::get{}, 5s).value(), 0);
  lose_an_answer("a");
  const auto got = ref.ask_reliable(savings::get{}, 15s).get();

  ASSERT_FALSE(got);
  EXPECT_EQ(got.code(), errc::timeout);
  EXPECT_NE(to_string(got.why()).find("answer was lost"), std::string::npos)
      << to_string(got.why());
  EXPECT_TRUE(kept_no_more("a"));
}

TEST_F(ReliableAnswers, WhatWasToldLeavesItsLaneAlthoughItsAnswerIsLost) {
  start_all();
  const auto ref = at("a").accounts[id_on("b")];
  ASSERT_EQ(ref.ask(savings::get{}, 5s).value(), 0);
  lose_an_answer("a");
  ASSERT_EQ(ref.tell_reliable(savings::add{5}), errc::ok);

  EXPECT_TRUE(kept_no_more("a"));
  EXPECT_EQ(ref.ask(savings::get{}, 5s).value(), 5);
}

TEST_F(ReliableAnswers, OneThatTakesLongIsWaitedForAlsoOnTheNextNode) {
  start_all();
  std::list<entities<doorkeeper>> doors;
  for (const auto* name : {"a", "b", "c"}) doors.emplace_back(at(name).node);
  const auto id = id_on("b");
  const auto door = doors.front()[id];
  auto asked = door.ask_reliable(doorkeeper::knock{7}, 20s);
  ASSERT_TRUE(eventually([&] { return door.ask(doorkeeper::seen{}, 5s).value() == 1; }));
  const auto send_again = [&](const std::string& to) {
    for (int i = 0; i < 20; ++i) {
      lanes_of("a").connected(to);
      (void)door.ask(doorkeeper::seen{}, 5s).value();  // behind it
    }
  };
  send_again("b");
  ASSERT_TRUE(cluster{at("a").node}.promote("doorkeeper", id, "c", 10s));
  send_again("c");
  EXPECT_EQ(door.ask(doorkeeper::seen{}, 5s).value(), 1);
  door.tell(doorkeeper::open{});

  EXPECT_EQ(asked.get().value(), 7);
  EXPECT_TRUE(kept_no_more("a"));
}

}  // namespace
}  // namespace troupe
