// Systematic tests of lock-free code: its threads run one at a time, in every order within bounds.
#pragma once

#include "weak_memory.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>

/// Code whose atomics are a template parameter is given `interleaved` for std::atomic. A scenario's
/// threads are fibers of one thread, which switch only before an access to an `interleaved`. All
/// schedules with at most `bounds` deviations are run by depth-first search (iterative context
/// bounding: Musuvathi and Qadeer, 2007); larger scenarios are sampled by a seed. A failure comes
/// with its run step by step and the choices that repeat it.
///
/// The memory is that of C++ as views (a vector clock over threads and places): a load may see any
/// store that is not older than one it has seen or that happened before it, by the orders given;
/// release sequences of read-modify-writes count. So these are found:
/// - claims that fail in some schedule: lost updates, lost wake-ups, ABA, spurious failures;
/// - an access to a `checked` that races with another, also where this schedule read it right: a
///   relaxed order where release and acquire are needed;
/// - stale values, where the order of a load allows them; a run of too many steps.
/// These are not: what needs more deviations than the bounds allow; a load that sees a store that
/// is later in the run (load buffering), a store that becomes older than one made before it;
/// std::atomic_thread_fence; consume (is acquire); code that waits for another thread in a loop.
/// Accesses that are seq_cst are in one total order and release and acquire, nothing more.
namespace testing_support::interleaving {

/// Deviations of one run from: newest value, and each thread goes on until it ends.
struct bounds {
  int preemptions = 3;  ///< the turn is taken from a thread that could go on
  int stale = 1;        ///< a load does not see the newest store
  int spurious = 1;     ///< a compare_exchange_weak fails for nothing
  std::uint64_t runs = 10'000'000;
};

/// One run's objects; made anew for each. `S::threads` says how many threads there are.
class scenario {
 public:
  virtual ~scenario() = default;
  virtual void thread(std::size_t number) = 0;
  /// After all threads have ended, and happened before.
  virtual void finish() {}
};

struct outcome {
  std::uint64_t runs = 0;
  bool complete = false;  ///< there is no other schedule within the bounds
  std::string failure;    ///< what failed, and its run step by step; empty: nothing did
  std::string schedule;   ///< of the failure, for `repeat`
};

/// A claim inside a scenario. When it does not hold the run, and the search, end there.
void require(bool holds, const char* claim);

namespace detail {

using change = word (*)(word now, word operand);
using maker = std::function<std::unique_ptr<scenario>()>;

struct compared {
  word& expected;
  word desired;
  std::memory_order success, failure;
  bool weak;
};

std::size_t new_place(word first);
word load(std::size_t place, std::memory_order order);
void store(std::size_t place, word value, std::memory_order order);
word modify(std::size_t place, change how, word operand, std::memory_order order);
bool compare_exchange(std::size_t place, const compared& with);

void plain_read(history& of);
void plain_write(history& of);

outcome explore(std::size_t threads, const maker& make, const bounds& within);
outcome sample(std::size_t threads, const maker& make, const bounds& within, std::uint64_t seed);
outcome repeat(std::size_t threads, const maker& make, const bounds& within,
               const std::string& schedule);

}  // namespace detail

/// As std::atomic, in a scenario only.
template <class T>
class interleaved {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(word));
  static constexpr auto seq_cst = std::memory_order_seq_cst;

 public:
  interleaved(T first = {}) : place_(detail::new_place(to_word(first))) {}
  interleaved(const interleaved&) = delete;
  interleaved& operator=(const interleaved&) = delete;

  T load(std::memory_order order = seq_cst) const { return of(detail::load(place_, order)); }
  void store(T value, std::memory_order order = seq_cst) {
    detail::store(place_, to_word(value), order);
  }
  T exchange(T value, std::memory_order order = seq_cst) {
    const auto take_new = [](word, word given) { return given; };
    return of(detail::modify(place_, take_new, to_word(value), order));
  }
  T fetch_add(T by, std::memory_order order = seq_cst) {
    const auto add = [](word now, word given) {
      return to_word(static_cast<T>(of(now) + of(given)));
    };
    return of(detail::modify(place_, add, to_word(by), order));
  }
  T fetch_sub(T by, std::memory_order order = seq_cst) {
    const auto subtract = [](word now, word given) {
      return to_word(static_cast<T>(of(now) - of(given)));
    };
    return of(detail::modify(place_, subtract, to_word(by), order));
  }
  T fetch_or(T by, std::memory_order order = seq_cst) {
    const auto unite = [](word now, word given) { return now | given; };
    return of(detail::modify(place_, unite, to_word(by), order));
  }
  T fetch_and(T by, std::memory_order order = seq_cst) {
    const auto intersect = [](word now, word given) { return now & given; };
    return of(detail::modify(place_, intersect, to_word(by), order));
  }
  bool compare_exchange_weak(T& expected, T desired, std::memory_order success = seq_cst,
                             std::memory_order failure = seq_cst) {
    return compare(expected, desired, {success, failure}, true);
  }
  bool compare_exchange_strong(T& expected, T desired, std::memory_order success = seq_cst,
                               std::memory_order failure = seq_cst) {
    return compare(expected, desired, {success, failure}, false);
  }

 private:
  static word to_word(T value) {
    word made = 0;
    std::memcpy(&made, &value, sizeof value);
    return made;
  }
  static T of(word made) {
    T value;
    std::memcpy(&value, &made, sizeof value);
    return value;
  }
  bool compare(T& expected, T desired, std::array<std::memory_order, 2> orders, bool weak) {
    auto seen = to_word(expected);
    const bool done =
        detail::compare_exchange(place_, {seen, to_word(desired), orders[0], orders[1], weak});
    expected = of(seen);
    return done;
  }

  std::size_t place_;
};

/// A plain field that threads hand to each other: an access that races with another one fails.
template <class T>
class checked {
 public:
  checked(T first = {}) : value_(first) { detail::plain_write(history_); }
  checked(const checked& other) : checked(static_cast<T>(other)) {}
  checked& operator=(const checked& other) { return *this = static_cast<T>(other); }
  checked& operator=(T value) {
    detail::plain_write(history_);
    value_ = value;
    return *this;
  }
  operator T() const {
    detail::plain_read(history_);
    return value_;
  }

 private:
  T value_;
  mutable history history_;
};

/// Every schedule within the bounds.
template <class S>
outcome explore(const bounds& within = {}) {
  return detail::explore(
      S::threads, [] { return std::make_unique<S>(); }, within);
}
/// `within.runs` schedules drawn by `seed`, with many deviations each.
template <class S>
outcome sample(std::uint64_t seed, const bounds& within) {
  return detail::sample(
      S::threads, [] { return std::make_unique<S>(); }, within, seed);
}
/// The one schedule that a failure within the same bounds gave.
template <class S>
outcome repeat(const std::string& schedule, const bounds& within = {}) {
  return detail::repeat(
      S::threads, [] { return std::make_unique<S>(); }, within, schedule);
}

}  // namespace testing_support::interleaving
