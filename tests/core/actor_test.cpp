#include "gate.hpp"
#include "start_node.hpp"
#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::gate;
using testing_support::start_node;

struct counter {
  struct add {
    int by = 0;
  };
  struct get {};
  struct fail {};
  struct refuse {};
  using protocol = troupe::protocol<void(add), int(get), int(fail), int(refuse)>;

  explicit counter(int start = 0) : value(start) {}
  void on(add m) { value += m.by; }
  int on(get) const { return value; }
  int on(fail) { throw std::runtime_error("on purpose"); }
  result<int> on(refuse) { return error{errc::refused, "not today"}; }

  int value;
};

TEST(Actor, HandlesWhatItIsToldInOrder) {
  auto node = start_node();
  const auto ref = node.spawn<counter>(40);

  EXPECT_EQ(ref.tell(counter::add{1}), errc::ok);
  EXPECT_EQ(ref.tell(counter::add{1}), errc::ok);

  EXPECT_EQ(ref.ask(counter::get{}, 5s).value(), 42);
}

TEST(Actor, AnswersWithAnErrorThatTheHandlerReturned) {
  auto node = start_node();

  const auto answer = node.spawn<counter>().ask(counter::refuse{}, 5s).get();

  EXPECT_EQ(answer.why(), (error{errc::refused, "not today"}));
}

TEST(Actor, ACrashTellsTheAskerAndEndsAnUnsupervisedActor) {
  auto node = start_node();
  const auto ref = node.spawn<counter>();

  EXPECT_EQ(ref.ask(counter::fail{}, 5s).get().why(), (error{errc::crashed, "on purpose"}));

  EXPECT_NE(ref.ask(counter::get{}, 5s).get().code(), errc::ok);
}

TEST(Actor, AReferenceToNowhereAnswersStopped) {
  EXPECT_EQ(actor_ref<counter>{}.tell(counter::add{1}), errc::stopped);
  EXPECT_EQ(actor_ref<counter>{}.ask(counter::get{}, 5s).get().code(), errc::stopped);
}

TEST(Actor, AReferenceOutlivesItsNode) {
  actor_ref<counter> ref;
  {
    auto node = start_node();
    ref = node.spawn<counter>();
  }

  EXPECT_EQ(ref.ask(counter::get{}, 5s).get().code(), errc::stopped);
}

struct blocked {
  struct wait {};
  struct work {};
  using protocol = troupe::protocol<void(wait), int(work)>;
  explicit blocked(gate* g) : at(g) {}
  void on(wait) { at->pass(); }
  int on(work) { return ++worked; }
  gate* at;
  int worked = 0;
};

TEST(Mailbox, AnswersOverloadedAtItsBoundAndGoesOnAfterwards) {
  gate g;
  auto node = start_node({.mailbox = 10});
  const auto ref = node.spawn<blocked>(&g);
  ref.tell(blocked::wait{});
  ASSERT_TRUE(g.arrived());

  for (int i = 0; i < 10; ++i) EXPECT_EQ(ref.tell(blocked::work{}), errc::ok);
  EXPECT_EQ(ref.tell(blocked::work{}), errc::overloaded);
  EXPECT_EQ(ref.ask(blocked::work{}, 5s).get().code(), errc::overloaded);

  g.open();
  int worked = 0;
  while (worked < 11) worked = ref.ask(blocked::work{}, 5s).get().ok() ? worked + 11 : worked;
  EXPECT_EQ(worked, 11);
}

TEST(Ask, TimesOutAndTheExpiredMessageIsNeverHandled) {
  gate g;
  auto node = start_node();
  const auto ref = node.spawn<blocked>(&g);
  ref.tell(blocked::wait{});
  ASSERT_TRUE(g.arrived());

  EXPECT_EQ(ref.ask(blocked::work{}, 1ms).get().code(), errc::timeout);
  g.open();

  EXPECT_EQ(ref.ask(blocked::work{}, 5s).value(), 1);
}

TEST(Ask, MessagesOfOneThreadStayInOrderAmongMany) {
  struct log {
    struct put {
      int thread = 0, number = 0;
    };
    struct wrong {};
    using protocol = troupe::protocol<void(put), int(wrong)>;
    void on(put m) {
      if (m.number != last[static_cast<std::size_t>(m.thread)]++) ++errors;
    }
    int on(wrong) const { return errors; }
    int last[4] = {0, 0, 0, 0};
    int errors = 0;
  };
  auto node = start_node({.mailbox = 50'000});
  const auto ref = node.spawn<log>();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&ref, t] {
      for (int i = 0; i < 10'000; ++i) ref.tell(typename log::put{t, i});
    });
  }
  for (auto& t : threads) t.join();

  EXPECT_EQ(ref.ask(typename log::wrong{}, 5s).value(), 0);
}

struct asker {
  struct sum {
    actor_ref<counter> of;
  };
  struct pass_on {
    actor_ref<counter> to;
  };
  struct block {
    actor_ref<counter> on;
  };
  struct quick {
    actor_ref<blocked> who;
  };
  using protocol = troupe::protocol<int(sum), int(pass_on), int(block), int(quick)>;

  later<int> on(sum m, context& ctx) {
    const auto answer = ctx.later<int>();
    ctx.ask(m.of, counter::get{}, 5s).then([answer](const result<int>& r) { answer.set(*r + 1); });
    return answer;
  }
  later<int> on(pass_on m, context& ctx) { return ctx.delegate(m.to, counter::get{}); }
  int on(block m) { return m.on.ask(counter::get{}, 1s).value(); }
  later<int> on(quick m, context& ctx) {
    const auto answer = ctx.later<int>();
    ctx.ask(m.who, blocked::work{}, 1ms).then([answer](const result<int>& r) {
      answer.set(static_cast<int>(r.code()));
    });
    return answer;
  }
};

TEST(Ask, FromAHandlerGoesOnInAContinuation) {
  auto node = start_node();
  const auto target = node.spawn<counter>(41);

  EXPECT_EQ(node.spawn<asker>().ask(asker::sum{target}, 5s).value(), 42);
}

TEST(Ask, CanBeDelegated) {
  auto node = start_node();
  const auto target = node.spawn<counter>(7);

  EXPECT_EQ(node.spawn<asker>().ask(asker::pass_on{target}, 5s).value(), 7);
}

TEST(Ask, AContinuationHearsOfTheTimeOut) {
  gate g;
  auto node = start_node();
  const auto target = node.spawn<blocked>(&g);
  target.tell(blocked::wait{});
  ASSERT_TRUE(g.arrived());

  const auto code = node.spawn<asker>().ask(asker::quick{target}, 5s).value();
  g.open();

  EXPECT_EQ(static_cast<errc>(code), errc::timeout);
}

TEST(Ask, RefusesToBlockAWorker) {
  auto node = start_node();
  const auto target = node.spawn<counter>();

  const auto answer = node.spawn<asker>().ask(asker::block{target}, 5s).get();

  EXPECT_EQ(answer.code(), errc::crashed);
  EXPECT_NE(answer.why().what.find("use ctx.ask(...).then(...)"), std::string::npos);
}

TEST(Node, ActorsOfTwoNodesInOneProcessStartAndStopApart) {
  auto first = start_node();
  const auto ref = first.spawn<counter>(1);
  {
    auto second = start_node();
    EXPECT_EQ(second.spawn<counter>(2).ask(counter::get{}, 5s).value(), 2);
  }

  EXPECT_EQ(ref.ask(counter::get{}, 5s).value(), 1);
}

TEST(Node, SaysWhichAddressIsInUse) {
  auto first = start_node();
  node_options options;
  options.log.level = "off";
  options.listen = first.listening();

  const auto second = node::start(options);

  ASSERT_EQ(second.code(), errc::address_in_use);
  EXPECT_NE(second.why().what.find(to_string(first.listening())), std::string::npos);
}

}  // namespace
}  // namespace troupe
