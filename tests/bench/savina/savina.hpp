// What the Savina programs share: a size from the command line, a clock around the work, a check
// of the result.
#pragma once

#include <troupe/troupe.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace savina {

/// How long a program waits for its result, and an actor for an answer on the way to it.
inline constexpr std::chrono::seconds patience{30};

/// A node on its own that logs only what goes wrong.
inline troupe::node start_node() {
  troupe::node_options options;
  options.log.level = "warn";
  return troupe::node::start(options).value();
}

/// Around a tell whose loss would make the result wrong. The programs hold few enough messages on
/// their way that no mailbox fills; where that is not so, this throws, and the actor crashes.
inline void must(troupe::errc told) {
  if (told != troupe::errc::ok)
    throw std::runtime_error("a message was refused: " + std::string{troupe::to_string(told)});
}

/// The `index`-th random number of a series, whoever asks and in whatever order: actors draw from
/// it, and so does the check of what they did. (The finaliser of SplitMix64.)
inline std::uint64_t draw(std::uint64_t series, std::uint64_t index) {
  std::uint64_t x = (series * 0xD1342543DE82EF95u + index + 1) * 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

/// Asks all of them the same from outside the node, and waits for what they answer.
template <class T, class M>
auto ask_all(const std::vector<troupe::actor_ref<T>>& all, const M& message) {
  std::vector<decltype(all[0].ask(message, patience))> answers;
  for (const auto& one : all) answers.push_back(one.ask(message, patience));
  std::vector<decltype(answers[0].value())> values;
  for (auto& a : answers) values.push_back(a.value());
  return values;
}

/// One run of a program: how large, how long it took, and whether its result is right.
class bench {
 public:
  explicit bench(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {}

  /// The program's size: its argument, or what is usual.
  [[nodiscard]] int size(int usual) const {
    if (arguments_.empty()) return usual;
    char* end = nullptr;
    const long given = std::strtol(arguments_[0].c_str(), &end, 10);
    if (arguments_.size() > 1 || *end || given < 1 || given > std::numeric_limits<int>::max())
      throw std::runtime_error("the one argument is a size, a number of at least 1");
    return static_cast<int>(given);
  }

  /// Runs `work`, and measures it; this many of `unit` are what it does.
  template <class Work>
  auto measure(double operations, std::string unit, Work work) {
    const auto start = std::chrono::steady_clock::now();
    const auto cpu_start = std::clock();
    auto result = work();
    seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    cpu_seconds_ = static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC;
    operations_ = operations;
    unit_ = std::move(unit);
    return result;
  }

  /// Ends the program with a sentence unless `got` is what was `wanted`.
  template <class Got, class Wanted>
  void expect(const std::string& what, const Got& got, const Wanted& wanted) const {
    if (got == wanted) return;
    std::ostringstream sentence;
    sentence.precision(17);
    sentence << what << ": expected " << wanted << ", got " << got;
    throw std::runtime_error(sentence.str());
  }

  template <class Got>
  void expect_at_most(const std::string& what, const Got& got, const Got& limit) const {
    if (got > limit) expect(what, std::to_string(got), "at most " + std::to_string(limit));
  }

  void print(const char* name) const {
    std::printf("savina_%s %.0f %s/s\n", name, operations_ / seconds_, unit_.c_str());
    std::printf("savina_%s_cpu %.1f ns\n", name, 1e9 * cpu_seconds_ / operations_);
  }

 private:
  std::vector<std::string> arguments_;
  double operations_ = 0;
  double seconds_ = 0;
  double cpu_seconds_ = 0;
  std::string unit_;
};

/// A program's main(): its figures are printed when everything it expects was so, and what was not
/// is said otherwise.
template <class Program>
int run(const char* name, const std::vector<std::string>& arguments, Program program) {
  try {
    bench b{arguments};
    program(b);
    b.print(name);
    return 0;
  } catch (const std::exception& wrong) {
    std::fprintf(stderr, "savina_%s: %s\n", name, wrong.what());
    return 1;
  }
}

}  // namespace savina
