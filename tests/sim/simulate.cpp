// Runs seeds of the simulated cluster and says what they brought.
#include <troupe/testing/simulation.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <map>
#include <string>

namespace {

using namespace troupe::testing;

struct request {
  std::uint64_t from = 1;
  std::uint64_t seeds = 1;
  std::string without;
  std::size_t trace = 0;
  bool twice = false;
};

request parse(int count, char** words) {
  request r;
  std::map<std::string, std::string> given;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--twice") {
      r.twice = true;
    } else if (i + 1 < count) {
      given[word] = words[++i];
    } else {
      throw std::runtime_error{word + " needs a value"};
    }
  }
  for (const auto& [name, value] : given) {
    if (name == "--from")
      r.from = std::stoull(value);
    else if (name == "--seeds")
      r.seeds = std::stoull(value);
    else if (name == "--trace")
      r.trace = std::stoull(value);
    else if (name == "--without")
      r.without = value;
    else
      throw std::runtime_error{"unknown option " + name};
  }
  return r;
}

void print(std::uint64_t seed, const simulation_result& r) {
  std::cout << "seed " << seed << ": " << r.plan << '\n';
  for (const auto& line : r.lines) std::cout << "  " << line << '\n';
  for (const auto& v : r.violations) std::cout << "  VIOLATION " << v << '\n';
}

int run(const request& asked) {
  const auto start = std::chrono::steady_clock::now();
  probes seen{must_hit()};
  std::uint64_t events = 0, bad = 0, messages = 0, answered = 0;
  std::size_t undecided = 0;
  sim_time length{};
  for (auto seed = asked.from; seed < asked.from + asked.seeds; ++seed) {
    auto r = simulate({seed, asked.without, asked.trace});
    if (asked.twice && simulate({seed, asked.without, 0}).hash != r.hash) {
      r.violations.push_back("two runs of this seed were not the same");
    }
    seen.merge(r.seen);
    events += r.events;
    messages += r.messages;
    answered += r.answered;
    undecided += r.undecided;
    length += r.length;
    if (!r.violations.empty()) ++bad;
    if (!r.violations.empty() || asked.trace != 0) print(seed, r);
    if (!asked.without.empty() && bad != 0) {
      std::cout << "without " << asked.without << ": noticed after " << seed - asked.from + 1
                << " seeds\n";
      return 0;
    }
  }
  const auto seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  for (const auto& [what, times] : seen.all()) std::cout << what << ": " << times << '\n';
  std::cout << "seeds " << asked.seeds << ", " << static_cast<double>(asked.seeds) / seconds
            << " a second; events " << events << "; virtual hours "
            << length.count() / 3'600'000'000'000 << "; commands " << messages << ", answered "
            << answered << "; histories undecided " << undecided << "; seeds with violations "
            << bad << '\n';
  const auto missed = seen.missed();
  for (const auto& m : missed) std::cout << "never reached: " << m << '\n';
  return bad == 0 && asked.without.empty() ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  try {
    return run(parse(count, words));
  } catch (const std::exception& e) {
    std::cerr << "simulate: " << e.what()
              << "\nusage: simulate [--from seed] [--seeds n] [--without rule] [--trace lines] "
                 "[--twice]\n";
    return 2;
  }
}
