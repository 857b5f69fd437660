#include "runtime/pool.hpp"

#include "seed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace troupe::runtime {
namespace {

using namespace std::chrono_literals;

// Under these the pool is operator new, so that each block is watched by itself.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool pooled = false;
#elif defined(__has_feature)
constexpr bool pooled = !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#else
constexpr bool pooled = true;
#endif

std::size_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::size_t whole = 0, resident = 0;
  statm >> whole >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// A block of the pool, filled with a pattern of its own as long as it lives.
class block {
 public:
  block(std::size_t bytes, std::uint8_t pattern)
      : at_(static_cast<std::uint8_t*>(pool_allocate(bytes))), bytes_(bytes), pattern_(pattern) {
    std::memset(at_, pattern_, bytes_);
  }
  block(block&& other) noexcept
      : at_(std::exchange(other.at_, nullptr)), bytes_(other.bytes_), pattern_(other.pattern_) {}
  block& operator=(block&& other) noexcept {
    std::swap(at_, other.at_);
    std::swap(bytes_, other.bytes_);
    std::swap(pattern_, other.pattern_);
    return *this;
  }
  ~block() {
    if (!at_) return;
    EXPECT_TRUE(std::all_of(at_, at_ + bytes_, [this](auto b) { return b == pattern_; }))
        << "somebody else wrote into a block of " << bytes_;
    pool_free(at_, bytes_);
  }

  [[nodiscard]] const void* at() const { return at_; }

 private:
  std::uint8_t* at_;
  std::size_t bytes_;
  std::uint8_t pattern_;
};

TEST(Pool, BlocksAreAlignedAndApartWhileTheyLive) {
  std::vector<block> live;
  for (std::size_t bytes = 1; bytes <= 2 * pool_most; ++bytes) {
    for (int i = 0; i < 20; ++i) {
      live.emplace_back(bytes, static_cast<std::uint8_t>(live.size() % 251));
      const auto at = reinterpret_cast<std::uintptr_t>(live.back().at());
      ASSERT_EQ(at % (bytes % 16 == 0 ? 16 : 8), 0u) << bytes;
    }
  }
  std::set<const void*> places;
  for (const auto& b : live) places.insert(b.at());
  EXPECT_EQ(places.size(), live.size());
}

TEST(Pool, BlocksKeepTheirContentInAnyOrderOfUse) {
  auto random = testing_support::seeded_random();
  std::vector<block> live;
  for (int i = 0; i < 200'000; ++i) {
    if (live.size() < 300 || random() % 2 == 0) {
      live.emplace_back(1 + random() % (pool_most + 64), static_cast<std::uint8_t>(random()));
    } else {
      std::swap(live[random() % live.size()], live.back());
      live.pop_back();
    }
    if (live.size() > 3000) live.clear();
  }
}

/// Hands blocks from those that allocate to those that free, a hundred at a time and few at once.
class belt {
 public:
  using load = std::vector<block>;
  void put(load l) {
    std::unique_lock lock{mutex_};
    EXPECT_TRUE(changed_.wait_for(lock, 20s, [this] { return loads_.size() < 8; }));
    loads_.push_back(std::move(l));
    changed_.notify_all();
  }
  /// Empty when there will be no more.
  load take() {
    std::unique_lock lock{mutex_};
    EXPECT_TRUE(changed_.wait_for(lock, 20s, [this] { return !loads_.empty() || over_; }));
    if (loads_.empty()) return {};
    auto l = std::move(loads_.front());
    loads_.erase(loads_.begin());
    changed_.notify_all();
    return l;
  }
  void end() {
    const std::lock_guard lock{mutex_};
    over_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<load> loads_;
  bool over_ = false;
};

/// Two threads allocate `blocks` each, two others free them.
void send_across_threads(int blocks) {
  belt b;
  const auto allocate = [&](std::size_t salt) {
    for (int i = 0; i < blocks; i += 100) {
      belt::load l;
      for (std::size_t k = 0; k < 100; ++k) {
        l.emplace_back(24 + 8 * ((k + salt) % 12), static_cast<std::uint8_t>(k));
      }
      b.put(std::move(l));
    }
  };
  const auto free_all = [&] {
    while (!b.take().empty()) {
    }
  };
  std::thread first{allocate, 0}, second{allocate, 5}, third{free_all}, fourth{free_all};
  first.join();
  second.join();
  b.end();
  third.join();
  fourth.join();
}

TEST(Pool, AMillionBlocksFreedByOtherThreadsDoNotGrowIt) {
  send_across_threads(20'000);
  const auto before = resident_bytes();

  send_across_threads(pooled ? 500'000 : 20'000);

  const auto grown = resident_bytes() - std::min(before, resident_bytes());
  EXPECT_LT(grown, std::size_t{pooled ? 6 : 512} << 20);
}

/// The places of `count` blocks of `bytes`, which are free again.
std::vector<void*> places_of(std::size_t count, std::size_t bytes) {
  std::vector<void*> places;
  for (std::size_t i = 0; i < count; ++i) places.push_back(pool_allocate(bytes));
  for (auto* place : places) pool_free(place, bytes);
  return places;
}

/// How many places of `bytes` threads use that run `body`, one after another, 300 times.
template <class Body>
std::size_t places_of_threads(Body body) {
  std::set<void*> places;
  for (int i = 0; i < 300; ++i) {
    std::vector<void*> used;
    std::thread{[&] { used = body(); }}.join();
    places.insert(used.begin(), used.end());
  }
  return places.size();
}

constexpr std::size_t a_few_magazines = 1000;  // blocks

TEST(Pool, AThreadThatEndsGivesItsBlocksBack) {
  if (!pooled) GTEST_SKIP() << "sanitizers keep freed blocks for a while";
  EXPECT_LT(places_of_threads([] { return places_of(500, 72); }), 500 + a_few_magazines);
}

TEST(Pool, AThreadThatOnlyFreedGivesThemBack) {
  if (!pooled) GTEST_SKIP() << "sanitizers keep freed blocks for a while";
  std::set<void*> places;
  for (int i = 0; i < 300; ++i) {
    std::vector<void*> given;
    for (int k = 0; k < 50; ++k) given.push_back(pool_allocate(88));
    places.insert(given.begin(), given.end());
    std::thread{[&] {
      for (auto* place : given) pool_free(place, 88);
    }}.join();
  }
  EXPECT_LT(places.size(), 50 + a_few_magazines);
}

/// Uses the pool when its thread's own blocks have been given back already.
struct late {
  std::vector<void*>* places = nullptr;
  ~late() {
    if (places) *places = places_of(3, 104);
  }
};
thread_local late at_the_end;

TEST(Pool, WhatIsUsedWhileAThreadEndsIsNotLost) {
  if (!pooled) GTEST_SKIP() << "sanitizers keep freed blocks for a while";
  std::set<void*> places;
  for (int i = 0; i < 300; ++i) {
    std::vector<void*> early, late_ones;
    std::thread{[&] {
      at_the_end.places = &late_ones;  // made before the pool's caretaker, so it goes after it
      early = places_of(60, 104);
    }}.join();
    places.insert(early.begin(), early.end());
    places.insert(late_ones.begin(), late_ones.end());
  }
  EXPECT_LT(places.size(), a_few_magazines);
}

TEST(Pool, WhatIsFreedIsUsedAgainByTheSameThread) {
  if (!pooled) GTEST_SKIP() << "sanitizers keep freed blocks for a while";
  std::set<void*> places;
  for (int i = 0; i < 1000; ++i) {
    const auto used = places_of(200, 56);
    places.insert(used.begin(), used.end());
  }
  EXPECT_LT(places.size(), 200 + a_few_magazines);
}

}  // namespace
}  // namespace troupe::runtime
