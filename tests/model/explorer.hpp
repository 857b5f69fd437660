// Visits every state that a model can reach, breadth first, and says which promise breaks first.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace troupe::model {

/// What happened between two states; `kind`, who and what, as the model numbers them.
struct label {
  std::uint8_t kind = 0;
  std::uint8_t who = 0;
  std::uint32_t what = 0;
};

struct exploration {
  std::size_t states = 0, transitions = 0, depth = 0;
  std::size_t settled = 0;
  std::size_t stuck = 0;  ///< states from which no way leads to a settled one without a fault
  double seconds = 0;
  std::string broken;              ///< the first promise that broke; empty: none
  std::vector<std::string> steps;  ///< to that state, or to the first stuck one; shortest
};

inline std::ostream& operator<<(std::ostream& out, const exploration& e) {
  out << e.states << " states, " << e.transitions << " transitions, depth " << e.depth << ", "
      << e.settled << " settled, " << e.stuck << " stuck, " << e.seconds << " s";
  if (e.broken.empty()) return out;
  out << "\n  " << e.broken << ", after";
  for (std::size_t i = 0; i < e.steps.size(); ++i) out << "\n  " << i + 1 << ". " << e.steps[i];
  return out;
}

/// `Model` has
///   state: a std::array of numbers, equal exactly for equal states: it is kept whole, not hashed;
///   state initial();
///   void each_next(const state&, sink), calling sink(label, state, is_progress, broken) for all
///     that can come next: `is_progress` of what happens by itself, not of faults; `broken` says
///     which promise that breaks, or is empty;
///   bool settled(const state&): whether a state is one in which it may stay;
///   std::string text(label).
template <class Model>
class explorer {
 public:
  using state = typename Model::state;

  explorer(Model& model, std::size_t most_states) : model_(model), most_(most_states) {}

  exploration run() {
    const auto start = std::chrono::steady_clock::now();
    (void)add(model_.initial(), none, {});
    std::size_t level_ends = 1;
    for (std::uint32_t at = 0; at < states_.size() && found_.broken.empty(); ++at) {
      if (at == level_ends) {
        level_ends = states_.size();
        ++found_.depth;
      }
      if (states_.size() > most_) {
        found_.broken = "more states than expected";
        found_.steps = way_to(at);
        break;
      }
      visit(at);
    }
    if (found_.broken.empty()) look_for_stuck();
    found_.states = states_.size();
    found_.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return found_;
  }

 private:
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  void visit(std::uint32_t at) {
    begins_.push_back(to_.size());
    const state from = states_[at];
    model_.each_next(
        from, [&](label what, const state& next, bool is_progress, const std::string& broken) {
          if (!found_.broken.empty()) return;
          ++found_.transitions;
          const auto index = next == from ? at : add(next, at, what);
          if (is_progress && index != at) to_.push_back(index);
          if (broken.empty()) return;
          found_.broken = broken;
          found_.steps = way_to(at);
          found_.steps.push_back(model_.text(what));
        });
  }

  static std::size_t hash(const state& s) {
    std::uint64_t h = 0x9e3779b97f4a7c15;
    for (const auto word : s) {
      h = (h ^ word) * 0xff51afd7ed558ccd;
      h ^= h >> 32;
    }
    return h;
  }

  std::uint32_t add(const state& s, std::uint32_t from, label what) {
    if (slots_.size() < 2 * (states_.size() + 1)) grow();
    auto slot = hash(s) & (slots_.size() - 1);
    for (; slots_[slot] != none; slot = (slot + 1) & (slots_.size() - 1)) {
      if (states_[slots_[slot]] == s) return slots_[slot];
    }
    slots_[slot] = static_cast<std::uint32_t>(states_.size());
    states_.push_back(s);
    from_.push_back({from, what});
    return slots_[slot];
  }

  void grow() {
    slots_.assign(std::max<std::size_t>(1024, slots_.size() * 4), none);
    for (std::uint32_t i = 0; i < states_.size(); ++i) {
      auto slot = hash(states_[i]) & (slots_.size() - 1);
      while (slots_[slot] != none) slot = (slot + 1) & (slots_.size() - 1);
      slots_[slot] = i;
    }
  }

  std::vector<std::string> way_to(std::uint32_t at) {
    std::vector<std::string> steps;
    for (; from_[at].first != none; at = from_[at].first) {
      steps.push_back(model_.text(from_[at].second));
    }
    std::reverse(steps.begin(), steps.end());
    return steps;
  }

  // From the last state backwards, until a round finds no more from which it goes on well.
  void look_for_stuck() {
    begins_.push_back(to_.size());
    std::vector<bool> well(states_.size());
    for (std::size_t i = 0; i < states_.size(); ++i) well[i] = model_.settled(states_[i]);
    found_.settled = static_cast<std::size_t>(std::count(well.begin(), well.end(), true));
    for (bool news = true; news;) {
      news = false;
      for (std::size_t i = states_.size(); i-- > 0;) {
        if (well[i]) continue;
        for (auto e = begins_[i]; e < begins_[i + 1] && !well[i]; ++e) well[i] = well[to_[e]];
        news |= well[i];
      }
    }
    found_.stuck = static_cast<std::size_t>(std::count(well.begin(), well.end(), false));
    if (found_.stuck == 0) return;
    const auto first = std::find(well.begin(), well.end(), false) - well.begin();
    found_.broken = "from here it never settles";
    found_.steps = way_to(static_cast<std::uint32_t>(first));
  }

  Model& model_;
  std::size_t most_;
  exploration found_;
  std::vector<state> states_;
  std::vector<std::pair<std::uint32_t, label>> from_;  // by state: where it was seen first
  std::vector<std::uint32_t> slots_;
  std::vector<std::size_t> begins_;  // by state, into to_
  std::vector<std::uint32_t> to_;    // what comes of it by itself
};

}  // namespace troupe::model
