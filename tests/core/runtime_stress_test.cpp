#include "seed.hpp"
#include "start_node.hpp"
#include <troupe/core.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using testing_support::start_node;

/// What became of the asks that actors made, and who is alive; shared by all of a test's actors.
struct books {
  std::atomic<long> asked{0};      // asks made by handlers
  std::atomic<long> continued{0};  // their continuations that ran
  std::atomic<long> dropped{0};    // and that went with their actor
  std::atomic<long> alive{0};      // states
};

/// Counts a continuation as dropped when it goes without having run.
class tracked {
 public:
  explicit tracked(books* b) : books_(b) { ++books_->asked; }
  tracked(const tracked&) = delete;
  tracked& operator=(const tracked&) = delete;
  ~tracked() { ++(ran_ ? books_->continued : books_->dropped); }
  void run() { EXPECT_FALSE(std::exchange(ran_, true)) << "a continuation ran twice"; }

 private:
  books* books_;
  bool ran_ = false;
};

/// Does what it is told, at any moment of its life: `chance` decides on spawning, crashing,
/// stopping.
struct wild {
  struct act {
    std::uint32_t chance = 0;
  };
  struct get {};
  struct promise {
    std::uint32_t chance = 0;
  };
  using protocol = troupe::protocol<int(act), int(get), int(promise)>;
  using self = wild;

  wild(books* b, int d, std::uint32_t c) : book(b), depth(d) {
    if (c % 31 == 1) throw std::runtime_error("unborn");
    ++book->alive;
  }
  wild(const wild&) = delete;
  wild& operator=(const wild&) = delete;
  ~wild() { --book->alive; }

  void started(context& ctx) {
    if (ctx.random() % 4 == 0) spawn(ctx);
    if (ctx.random() % 16 == 0) throw std::runtime_error("stillborn");
    if (ctx.random() % 16 == 0) ctx.stop();
    if (ctx.random() % 4 == 0) (void)ctx.every(1ms, act{4});
  }
  void stopping(const exit_reason&, context& ctx) {
    if (ctx.random() % 4 == 0) spawn(ctx);
    if (ctx.random() % 4 == 0) ask_child(ctx, 1s);
    if (ctx.random() % 8 == 0) throw std::runtime_error("unwilling");
  }
  int on(act m, context& ctx) {
    if (m.chance % 3 == 0) spawn(ctx);
    if (m.chance % 5 == 0) ask_child(ctx, 2s);
    if (m.chance % 7 == 0) ask_child(ctx, 1us);
    if (m.chance % 11 == 0) throw std::runtime_error("boom");
    if (m.chance % 13 == 0) ctx.stop();
    return depth;
  }
  int on(get) { return depth; }
  later<int> on(promise m, context& ctx) {
    auto answer = ctx.later<int>();
    if (!child || m.chance % 3 == 0) return {};  // a promise dropped at once
    if (m.chance % 3 == 1) return ctx.delegate(child, promise{m.chance / 3});
    ctx.ask(child, act{m.chance}, 2s).then([answer](const result<int>& r) { answer.set(r); });
    return answer;
  }

  void spawn(context& ctx) {
    if (depth == 0) return;
    const auto chance = static_cast<std::uint32_t>(ctx.random());
    auto birth = detail::make_birth<self>(book, depth - 1, chance);
    birth.on_crash = [chance, left = 3](const crash_report&) mutable {
      if (chance % 17 == 0) throw std::runtime_error("no idea");
      if (left-- == 0) return crash_verdict::stop;
      return chance % 3 == 0 ? crash_verdict::escalate : crash_verdict::restart;
    };
    child = ctx.spawn_child<self>(std::move(birth));
  }
  void ask_child(context& ctx, std::chrono::nanoseconds timeout) {
    if (!child) return;
    auto once = std::make_shared<tracked>(book);
    ctx.ask(child, act{static_cast<std::uint32_t>(ctx.random())}, timeout)
        .then([once](const result<int>&) { once->run(); });
  }

  books* book;
  int depth;
  actor_ref<self> child;
};

/// A sink that must be told exactly once.
class once_sink final : public detail::answer_sink {
 public:
  struct counts {
    std::atomic<long> made{0}, told{0}, twice{0}, never{0};
  };
  explicit once_sink(counts* c) : counts_(c) { ++c->made; }
  ~once_sink() override {
    if (!told_) ++counts_->never;
  }
  void answer(void*) override { tell(); }
  void fail(error) override { tell(); }

 private:
  void tell() { ++(told_.exchange(true) ? counts_->twice : counts_->told); }
  counts* counts_;
  std::atomic<bool> told_{false};
};

template <class M>
void ask_once(const actor_ref<wild>& whom, M message, once_sink::counts* c) {
  auto envelope = detail::make_envelope(detail::handler_of<wild, M>(), message);
  envelope->sink = std::make_unique<once_sink>(c);
  envelope->deadline = std::chrono::steady_clock::now() + 5s;
  (void)whom.where().send(std::move(envelope));
}

/// Threads that send to some actors of a node, which are replaced all the time.
class traffic {
 public:
  static constexpr std::size_t targets = 16;

  explicit traffic(std::uint64_t seed) {
    for (std::uint64_t t = 0; t < 4; ++t) {
      threads_.emplace_back([this, random = std::mt19937_64{seed + t}]() mutable {
        while (!over_) send_one(random);
      });
    }
  }
  void put(std::size_t where, actor_ref<wild> ref) {
    const std::lock_guard lock{mutex_};
    std::swap(refs_.at(where), ref);
  }
  const once_sink::counts& end() {
    over_ = true;
    for (auto& t : threads_) t.join();
    refs_ = {};
    return counts_;
  }

 private:
  void send_one(std::mt19937_64& random) {
    const auto drawn = random();
    actor_ref<wild> whom;
    {
      const std::lock_guard lock{mutex_};
      whom = refs_.at(drawn % targets);
    }
    const auto chance = static_cast<std::uint32_t>(drawn >> 32);
    switch (drawn % 7) {
      case 0: return ask_once(whom, wild::get{}, &counts_);
      case 1: return ask_once(whom, wild::promise{chance}, &counts_);
      case 2: return (void)whom.tell(wild::act{chance});
      default: return ask_once(whom, wild::act{chance}, &counts_);
    }
  }

  std::mutex mutex_;
  std::array<actor_ref<wild>, targets> refs_;
  once_sink::counts counts_;
  std::atomic<bool> over_{false};
  std::vector<std::thread> threads_;
};

void expect_all_settled(const books& book, const once_sink::counts& asks) {
  EXPECT_GT(asks.made, 0);
  EXPECT_EQ(asks.told, asks.made);
  EXPECT_EQ(asks.twice, 0);
  EXPECT_EQ(asks.never, 0);
  EXPECT_EQ(book.alive, 0) << "every actor was taken down";
  EXPECT_EQ(book.continued + book.dropped, book.asked);
}

TEST(RuntimeStress, EachAskEndsExactlyOnceWhileActorsCrashRestartAndStop) {
  auto random = testing_support::seeded_random();
  books book;
  traffic senders{random()};
  {
    auto node = start_node({.workers = 4, .mailbox = 200});
    const auto until = std::chrono::steady_clock::now() + 1s;
    while (std::chrono::steady_clock::now() < until) {
      const auto drawn = random();
      // By tens of thousands: fresh ones all the time, each with the others' traffic.
      senders.put(drawn % traffic::targets,
                  node.spawn<wild>(&book, 3, static_cast<std::uint32_t>(drawn >> 32)));
      std::this_thread::yield();
    }
  }

  const auto& asks = senders.end();

  expect_all_settled(book, asks);
  EXPECT_GT(book.continued, 0);
  EXPECT_GT(book.dropped, 0);
}

TEST(RuntimeStress, NodesEndUnderTraffic) {
  auto random = testing_support::seeded_random();
  books book;
  traffic senders{random()};
  const auto until = std::chrono::steady_clock::now() + 1s;
  int nodes = 0;
  for (; std::chrono::steady_clock::now() < until; ++nodes) {
    auto node = start_node({.workers = 4, .mailbox = 200});
    for (std::size_t i = 0; i < traffic::targets; ++i) {
      senders.put(i, node.spawn<wild>(&book, 2, 2u));
    }
  }

  const auto& asks = senders.end();

  EXPECT_GT(nodes, 1);
  expect_all_settled(book, asks);
}

}  // namespace
}  // namespace troupe
