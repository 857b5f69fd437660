// Whether what concurrent callers saw could have happened one operation after another.
#pragma once

#include <troupe/testing/open_events.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace troupe::testing {

/// What an object does when nobody else is there. `step` gives the state after an operation with
/// the answer it got, and none when that answer is impossible in this state. `digest` is equal for
/// equal states. Pure.
template <class M>
concept sequential_model = std::equality_comparable<typename M::state> &&
    requires(const typename M::state& state, const typename M::operation& what) {
  { M::initial() } -> std::same_as<typename M::state>;
  { M::step(state, what) } -> std::same_as<std::optional<typename M::state>>;
  { M::digest(state) } -> std::convertible_to<std::uint64_t>;
};

/// One operation of a history. What was refused did not happen and does not belong in one.
template <class Operation>
struct performed {
  std::string key;  ///< of its object; objects are checked one by one
  Operation what;   ///< with its answer
  std::uint64_t invoked = 0;
  /// `never`: its outcome is not known; it may happen at any time after `invoked`, or not at all.
  std::uint64_t returned = never;
};

enum class verdict : std::uint8_t { linearizable, not_linearizable, unknown };

struct checked_history {
  verdict is = verdict::linearizable;
  std::string key;        ///< of the object that is not linearizable, or took too long
  std::size_t steps = 0;  ///< of all searches
};

/// Limits of the search of one object; past them the verdict is `unknown`.
struct search_limits {
  std::size_t steps = 20'000'000;  ///< operations tried
  std::size_t states = 2'000'000;  ///< remembered, some hundred bytes each
};

/// The search of Wing and Gong for one object, with Lowe's memory of what was tried: the same set
/// of operations done, with the same state after them, is not looked at twice.
template <sequential_model M>
class linearization {
 public:
  using operation = performed<typename M::operation>;

  linearization(const std::vector<const operation*>& all, search_limits limits)
      : all_(all), limits_(limits), events_(times_of(all)), done_((all.size() + 63) / 64) {}

  [[nodiscard]] verdict search() {
    auto state = M::initial();
    auto at = events_.first();
    while (events_.must_return() > 0) {
      if (++steps_ > limits_.steps || remembered_ > limits_.states) return verdict::unknown;
      if (events_.is_call(at)) {
        auto next = M::step(state, all_[events_.of(at)]->what);
        if (next && take(at, *next)) {
          path_.emplace_back(at, std::exchange(state, std::move(*next)));
          events_.lift(at);
          at = events_.first();
        } else {
          at = events_.after(at);
        }
        continue;
      }
      // Something has returned that was not done before: one of those before it was done too early.
      if (path_.empty()) return verdict::not_linearizable;
      at = path_.back().first;
      state = std::move(path_.back().second);
      path_.pop_back();
      events_.put_back(at);
      mark(events_.of(at), false);
      at = events_.after(at);
    }
    return verdict::linearizable;
  }
  [[nodiscard]] std::size_t steps() const noexcept { return steps_; }

 private:
  using bits = std::vector<std::uint64_t>;

  static std::vector<operation_times> times_of(const std::vector<const operation*>& all) {
    std::vector<operation_times> times;
    for (const auto* o : all) times.push_back({o->invoked, o->returned});
    return times;
  }
  void mark(std::uint32_t op, bool done) {
    const auto bit = std::uint64_t{1} << (op % 64);
    done_[op / 64] = done ? done_[op / 64] | bit : done_[op / 64] & ~bit;
  }
  // Whether this is new: marks it as done then, and remembers.
  bool take(open_events::position at, const typename M::state& after) {
    mark(events_.of(at), true);
    auto& alike = tried_[digest_of(done_) ^ std::uint64_t{M::digest(after)}];
    for (const auto& [done, state] : alike) {
      if (done == done_ && state == after) {
        mark(events_.of(at), false);
        return false;
      }
    }
    alike.emplace_back(done_, after);
    ++remembered_;
    return true;
  }

  const std::vector<const operation*>& all_;
  search_limits limits_;
  open_events events_;
  bits done_;
  std::vector<std::pair<open_events::position, typename M::state>> path_;
  std::unordered_map<std::uint64_t, std::vector<std::pair<bits, typename M::state>>> tried_;
  std::size_t steps_ = 0;
  std::size_t remembered_ = 0;
};

/// Looks at each key's operations alone: a history is linearizable when each object's is (Herlihy
/// and Wing, 1990). Pure; the same answer each time. What is wrong goes before what is unknown.
template <sequential_model M>
[[nodiscard]] checked_history check_linearizable(
    const std::vector<performed<typename M::operation>>& history, search_limits limits = {}) {
  std::map<std::string, std::vector<const performed<typename M::operation>*>> by_key;
  for (const auto& o : history) by_key[o.key].push_back(&o);
  checked_history result;
  for (const auto& [key, all] : by_key) {
    linearization<M> search{all, limits};
    const auto is = search.search();
    result.steps += search.steps();
    if (is == verdict::linearizable || result.is == verdict::not_linearizable) continue;
    if (is == verdict::not_linearizable || result.is == verdict::linearizable) result.key = key;
    result.is = is;
  }
  return result;
}

}  // namespace troupe::testing
