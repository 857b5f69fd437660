#include "runtime/requests.hpp"

#include "gate.hpp"
#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::runtime {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

struct adder {
  struct add {
    int by = 0;
  };
  struct get {};
  using protocol = troupe::protocol<int(add), int(get)>;
  int on(add m) { return m.by; }
  int on(get) { return 0; }
};

/// What an asker got, and how often.
struct outcome {
  std::atomic<int> times{0};
  int value = 0;
  error why{};
  testing_support::gate* ended = nullptr;
};

class sink_of final : public detail::answer_sink {
 public:
  explicit sink_of(outcome& to) : to_(to) {}
  void answer(void* value) override {
    to_.value = *static_cast<int*>(value);
    end();
  }
  void fail(error why) override {
    to_.why = std::move(why);
    end();
  }

 private:
  void end() {
    ++to_.times;
    if (to_.ended) to_.ended->open();
  }
  outcome& to_;
};

const std::uint32_t add_id = detail::handler_of<adder, adder::add>().id;

class Requests : public testing::Test {
 protected:
  std::uint64_t ask(const std::string& node, outcome& to,
                    detail::time_point deadline = steady_clock::now() + 1h) {
    auto message = detail::make_envelope(detail::handler_of<adder, adder::add>(), adder::add{1});
    message->sink = std::make_unique<sink_of>(to);
    message->deadline = deadline;
    return waiting.add(node, *message);
  }

  void answer(const std::string& from, std::uint64_t request, int value) {
    std::string frame;
    writer out{frame};
    write_answer(out, {request}, detail::handler_of<adder, adder::add>(), &value);
    reader in{frame};
    std::uint64_t kind = 0;
    ASSERT_TRUE(in.varint(kind));
    waiting.answered(from, in);
  }

  outcome got;
  alarm_clock clockwork{4};
  requests waiting{clockwork};

  ~Requests() override {
    waiting.close();
    clockwork.close();
  }
};

TEST_F(Requests, EndWithTheirAnswerOnce) {
  const auto request = ask("b", got);

  answer("b", request, 42);
  answer("b", request, 43);
  waiting.lost("b");

  EXPECT_EQ(got.times, 1);
  EXPECT_EQ(got.value, 42);
}

TEST_F(Requests, AreNotAnsweredByANodeThatWasNotAsked) {
  const auto request = ask("b", got);

  answer("c", request, 666);
  EXPECT_EQ(got.times, 0);
  answer("b", request, 42);

  EXPECT_EQ(got.value, 42);
}

TEST_F(Requests, OfAShardAreAnsweredByWhoeverOwnsIt) {
  const auto request = ask("#17", got);
  answer("c", request, 42);
  EXPECT_EQ(got.value, 42);
}

TEST_F(Requests, OfAShardWhoseOwnerCrashedEndButForThoseThatWereNotSent) {
  outcome kept;
  ask("#17", got);
  const auto unsent = ask("#17", kept);

  waiting.lost("#17", {unsent});

  EXPECT_EQ(got.why.code, errc::timeout);
  EXPECT_EQ(kept.times, 0);
  answer("c", unsent, 42);
  EXPECT_EQ(kept.value, 42);
}

TEST_F(Requests, AreWithdrawnOnce) {
  const auto request = ask("b", got);

  EXPECT_TRUE(waiting.withdraw(request));
  EXPECT_FALSE(waiting.withdraw(request));
  answer("b", request, 42);

  EXPECT_EQ(got.times, 0);
}

TEST_F(Requests, AreNotFoundByNumbersThatWereNeverGiven) {
  const auto request = ask("b", got);

  for (const std::uint64_t wrong :
       {std::uint64_t{0}, request + 1, request ^ (std::uint64_t{1} << 40), ~std::uint64_t{0},
        request | ((std::uint64_t{1} << 28) - 1)}) {
    answer("b", wrong, 666);
    EXPECT_FALSE(waiting.withdraw(wrong));
  }

  EXPECT_EQ(got.times, 0);
  answer("b", request, 42);
  EXPECT_EQ(got.value, 42);
}

TEST_F(Requests, OfOneNodeAloneEndWhenItsConnectionBreaks) {
  outcome at_b[3], at_c;
  for (auto& one : at_b) ask("b", one);
  const auto request = ask("c", at_c);

  waiting.lost("b");

  for (auto& one : at_b) {
    EXPECT_EQ(one.times, 1);
    EXPECT_EQ(one.why.code, errc::timeout);
  }
  EXPECT_EQ(at_c.times, 0);
  answer("c", request, 42);
  EXPECT_EQ(at_c.value, 42);
}

TEST_F(Requests, EndAtTheirDeadline) {
  testing_support::gate ended;
  got.ended = &ended;

  const auto request = ask("b", got, steady_clock::now());
  ASSERT_TRUE(ended.pass());
  answer("b", request, 42);

  EXPECT_EQ(got.times, 1);
  EXPECT_EQ(got.why.code, errc::timeout);
  EXPECT_NE(got.why.what.find("no answer from b"), std::string::npos);
}

TEST_F(Requests, AreRefusedWhenAMillionWaitAndTakenAgainWhenOneHasEnded) {
  outcome all, one_more;
  std::uint64_t last = 0;
  for (std::size_t i = 0; i < requests::most; ++i) {
    last = ask("b", all);
    ASSERT_NE(last, 0u) << i;
  }

  EXPECT_EQ(ask("b", one_more), 0u);
  EXPECT_EQ(one_more.why.code, errc::overloaded);
  answer("b", last, 1);
  EXPECT_NE(ask("b", all), 0u);

  waiting.close();
  EXPECT_EQ(all.times, static_cast<int>(requests::most) + 1);
  EXPECT_EQ(one_more.times, 1);
}

TEST_F(Requests, OfManyThreadsEndOnceEachWhateverComesAtOnce) {
  constexpr int threads = 4, each = 2000;
  std::vector<outcome> all(threads * each);
  const auto play = [&](int thread) {
    for (int i = 0; i < each; ++i) {
      auto& mine = all[static_cast<std::size_t>(thread * each + i)];
      const auto request = ask("b", mine, steady_clock::now() + std::chrono::microseconds{i});
      if (i % 3 == 0) answer("b", request, i);
      if (i % 100 == 0) waiting.lost("b");
    }
  };
  std::vector<std::thread> running;
  for (int t = 0; t < threads; ++t) running.emplace_back(play, t);
  for (auto& one : running) one.join();

  waiting.close();
  clockwork.close();

  for (const auto& one : all) EXPECT_EQ(one.times, 1);
}

}  // namespace
}  // namespace troupe::runtime
