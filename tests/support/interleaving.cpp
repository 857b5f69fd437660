#include "interleaving.hpp"

#include "fiber.hpp"

#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace testing_support::interleaving {
namespace {

constexpr int most_steps = 2000;

struct choice {
  std::uint32_t chosen = 0;
  std::uint32_t options = 0;  // 0 when it was given from outside
};

enum class kind { start, turn, deviation };

const char* name_of(std::memory_order order) {
  switch (order) {
    case std::memory_order_relaxed: return "relaxed";
    case std::memory_order_release: return "release";
    case std::memory_order_acq_rel: return "acq_rel";
    case std::memory_order_seq_cst: return "seq_cst";
    default: return "acquire";
  }
}

/// Runs a scenario again and again, each time by other choices.
class engine {
 public:
  engine(std::size_t threads, const detail::maker& make, const bounds& within);
  ~engine();
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  /// False when a claim failed.
  bool run();
  /// The next schedule; false: that was the last.
  bool advance();

  std::vector<choice> path;               // taken, and to be taken
  std::optional<std::mt19937_64> random;  // chooses where `path` ends; else the first way
  bool tracing = false;
  std::string trace;
  std::string failure;

  // Of the running thread.
  void fail(std::string why);
  std::size_t new_place(word first);
  word load(std::size_t place, std::memory_order order);
  void store(std::size_t place, word value, std::memory_order order);
  word modify(std::size_t place, detail::change how, word operand, std::memory_order order);
  bool compare_exchange(std::size_t place, const detail::compared& with);
  void plain_read(history& of);
  void plain_write(history& of);

 private:
  struct thread {
    engine* all = nullptr;
    std::unique_ptr<fiber> runs;
    bool ended = false;
    bool fresh = true;  // was chosen just now: no choice before its first access
  };

  static void fiber_main(void* one);
  void begin_run();
  void go(std::size_t next);
  void go_on_without_current();
  void before_access();
  std::uint32_t choose(kind what, std::uint32_t options);
  void note(const char* what, std::size_t place, std::memory_order order, word value);

  const std::size_t count_;
  const detail::maker& make_;
  const bounds within_;
  fiber main_;
  std::array<thread, most_threads + 1> threads_;
  std::unique_ptr<scenario> scenario_;

  // Of one run.
  std::size_t current_ = outside;
  std::size_t depth_ = 0;
  int steps_ = 0;
  bounds left_;
  weak_memory memory_;
};

engine* running = nullptr;

engine::engine(std::size_t threads, const detail::maker& make, const bounds& within)
    : count_(threads), make_(make), within_(within) {
  for (std::size_t i = 0; i <= count_; ++i) {
    threads_[i].all = this;
    if (i != outside) threads_[i].runs = std::make_unique<fiber>(&fiber_main, &threads_[i]);
  }
  running = this;
}

engine::~engine() {
  running = nullptr;
}

void engine::fiber_main(void* one) {
  auto& self = *static_cast<thread*>(one);
  for (;;) {
    const auto number = static_cast<std::size_t>(&self - self.all->threads_.data());
    self.all->scenario_->thread(number - 1);
    self.ended = true;
    self.all->go_on_without_current();
  }
}

void engine::begin_run() {
  current_ = outside;
  depth_ = 0;
  steps_ = 0;
  left_ = within_;
  memory_.clear();
  failure.clear();
}

bool engine::run() {
  begin_run();
  scenario_ = make_();
  for (std::size_t i = 1; i <= count_; ++i) {
    threads_[i].ended = false;
    threads_[i].fresh = true;
  }
  memory_.fork(count_);
  go_on_without_current();
  if (failure.empty()) {
    memory_.join(count_);
    scenario_->finish();
  }
  scenario_.reset();
  return failure.empty();
}

bool engine::advance() {
  while (!path.empty() && path.back().chosen + 1 == path.back().options) path.pop_back();
  if (path.empty()) return false;
  ++path.back().chosen;
  return true;
}

void engine::go(std::size_t next) {
  auto& from = current_ == outside ? main_ : *threads_[current_].runs;
  current_ = next;
  from.switch_to(next == outside ? main_ : *threads_[next].runs);
}

// The current thread has ended, or none has begun.
void engine::go_on_without_current() {
  std::array<std::size_t, most_threads> able{};
  std::uint32_t options = 0;
  for (std::size_t i = 1; i <= count_; ++i) {
    if (!threads_[i].ended) able[options++] = i;
  }
  go(options ? able[choose(kind::start, options)] : outside);
}

// Nothing is left on the stack of a thread that is not gone on with.
void engine::fail(std::string why) {
  if (failure.empty()) failure = std::move(why);
  if (current_ != outside) go(outside);
}

std::uint32_t engine::choose(kind what, std::uint32_t options) {
  if (options == 1) return 0;
  if (depth_ == path.size()) {
    std::uint32_t chosen = 0;
    if (random) {
      const auto deviates = what == kind::start || (*random)() % (what == kind::turn ? 3 : 8) == 0;
      if (deviates) chosen = static_cast<std::uint32_t>((*random)() % options);
    }
    path.push_back({chosen, options});
  }
  const auto known = path[depth_].options;
  if (known != 0 && known != options) fail("the scenario does not do the same by the same choices");
  return path[depth_++].chosen;
}

void engine::before_access() {
  if (current_ == outside || std::exchange(threads_[current_].fresh, false)) return;
  if (++steps_ > most_steps) return fail("the run does not end");
  if (left_.preemptions == 0) return;
  std::array<std::size_t, most_threads> others{};
  std::uint32_t options = 1;
  for (std::size_t i = 1; i <= count_; ++i) {
    if (i != current_ && !threads_[i].ended) others[options++ - 1] = i;
  }
  const auto chosen = choose(kind::turn, options);
  if (chosen == 0) return;
  --left_.preemptions;
  go(others[chosen - 1]);
}

std::size_t engine::new_place(word first) {
  if (memory_.places() < most_places) return memory_.new_place(current_, first);
  fail("a scenario has at most " + std::to_string(most_places) +
       " atomic objects: make it smaller");
  return 0;
}

void engine::note(const char* what, std::size_t place, std::memory_order order, word value) {
  if (!tracing) return;
  std::ostringstream line;
  line << "\n  thread " << current_ << ": " << what << " #" << place << ' ' << name_of(order)
       << " 0x" << std::hex << value;
  trace += line.str();
}

word engine::load(std::size_t place, std::memory_order order) {
  before_access();
  const auto newest = memory_.newest(place);
  const auto older = left_.stale > 0 ? newest - memory_.oldest_for(current_, place, order) : 0;
  const auto chosen = choose(kind::deviation, older + 1);
  if (chosen != 0) --left_.stale;
  const auto value = memory_.see(current_, place, newest - chosen, order);
  note(chosen ? "load (stale)" : "load", place, order, value);
  return value;
}

void engine::store(std::size_t place, word value, std::memory_order order) {
  before_access();
  memory_.store(current_, place, value, order);
  note("store", place, order, value);
}

word engine::modify(std::size_t place, detail::change how, word operand, std::memory_order order) {
  before_access();
  const auto before = memory_.see(current_, place, memory_.newest(place), order);
  const auto after = how(before, operand);
  memory_.replace(current_, place, after, order);
  note("modify, now", place, order, after);
  return before;
}

// The newest value is compared; or it fails for nothing; or it fails by an older value.
bool engine::compare_exchange(std::size_t place, const detail::compared& with) {
  before_access();
  const auto newest = memory_.newest(place);
  const bool equal = memory_.value(place, newest) == with.expected;
  std::array<std::uint32_t, most_steps + 2> ways;  // by which store it fails
  std::uint32_t options = 1;
  if (equal && with.weak && left_.spurious > 0) ways[options++] = newest;
  if (left_.stale > 0) {
    for (auto i = memory_.oldest_for(current_, place, with.failure); i < newest; ++i) {
      if (memory_.value(place, i) != with.expected) ways[options++] = i;
    }
  }
  const auto chosen = choose(kind::deviation, options);
  if (chosen == 0 && equal) {
    memory_.see(current_, place, newest, with.success);
    memory_.replace(current_, place, with.desired, with.success);
    note("compare_exchange, now", place, with.success, with.desired);
    return true;
  }
  const auto seen = chosen == 0 ? newest : ways[chosen];
  if (chosen != 0) --(seen == newest ? left_.spurious : left_.stale);
  with.expected = memory_.see(current_, place, seen, with.failure);
  note("compare_exchange fails by", place, with.failure, with.expected);
  return false;
}

void engine::plain_read(history& of) {
  auto race = memory_.read(current_, of);
  if (!race.empty()) fail(std::move(race));
}

void engine::plain_write(history& of) {
  auto race = memory_.write(current_, of);
  if (!race.empty()) fail(std::move(race));
}

std::string text_of(const std::vector<choice>& path) {
  std::string text;
  for (const auto& c : path) text += (text.empty() ? "" : " ") + std::to_string(c.chosen);
  return text;
}

/// Runs until a claim fails, `next` says no, or there were enough.
template <class Next>
outcome search(engine& all, const bounds& within, Next next) {
  outcome seen;
  do {
    ++seen.runs;
    if (!all.run()) {
      seen.failure = all.failure;
      seen.schedule = text_of(all.path);
      return seen;
    }
    if (!next()) {
      seen.complete = true;
      return seen;
    }
  } while (seen.runs < within.runs);
  return seen;
}

/// One run by the choices of `schedule`, which is told step by step if it fails.
outcome told(engine& all, const std::string& schedule) {
  all.tracing = true;
  std::istringstream choices{schedule};
  for (std::uint32_t chosen = 0; choices >> chosen;) all.path.push_back({chosen, 0});
  outcome seen;
  seen.runs = 1;
  if (all.run()) return seen;
  seen.failure = all.failure + all.trace + "\n  schedule: " + schedule;
  seen.schedule = schedule;
  return seen;
}

}  // namespace

void require(bool holds, const char* claim) {
  if (!holds) running->fail(claim);
}

namespace detail {

std::size_t new_place(word first) {
  return running->new_place(first);
}
word load(std::size_t place, std::memory_order order) {
  return running->load(place, order);
}
void store(std::size_t place, word value, std::memory_order order) {
  running->store(place, value, order);
}
word modify(std::size_t place, change how, word operand, std::memory_order order) {
  return running->modify(place, how, operand, order);
}
bool compare_exchange(std::size_t place, const compared& with) {
  return running->compare_exchange(place, with);
}
void plain_read(history& of) {
  running->plain_read(of);
}
void plain_write(history& of) {
  running->plain_write(of);
}

outcome explore(std::size_t threads, const maker& make, const bounds& within) {
  auto seen = [&] {
    engine all{threads, make, within};
    return search(all, within, [&] { return all.advance(); });
  }();
  if (!seen.failure.empty()) seen.failure = repeat(threads, make, within, seen.schedule).failure;
  return seen;
}

outcome sample(std::size_t threads, const maker& make, const bounds& within, std::uint64_t seed) {
  auto seen = [&] {
    engine all{threads, make, within};
    all.random.emplace(seed);
    return search(all, within, [&] {
      all.path.clear();
      return true;
    });
  }();
  if (!seen.failure.empty()) seen.failure = repeat(threads, make, within, seen.schedule).failure;
  return seen;
}

outcome repeat(std::size_t threads, const maker& make, const bounds& within,
               const std::string& schedule) {
  engine all{threads, make, within};
  return told(all, schedule);
}

}  // namespace detail
}  // namespace testing_support::interleaving
