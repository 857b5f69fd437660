// Clusters of random size below random faults, by seed; minutes of them on demand.
#include "chaos_test.hpp"
#include "load.hpp"
#include "network.hpp"
#include "seed.hpp"

#include <cstdlib>
#include <iterator>
#include <random>

namespace troupe::chaos {
namespace {

/// A run is a cluster and this many faults; of them are as many as the time allows, at least one.
constexpr std::size_t faults_of_a_run = 12;

class chaos_loop : public chaos_test {
 protected:
  using action = void (chaos_loop::*)(std::size_t);

  void run(std::uint64_t seed) {
    random_.seed(seed);
    const std::size_t nodes = 3 + random_() % 3;
    plan_ = {};
    plan_.nodes = nodes;
    plan_.lease = 2s;
    plan_.supervised = random_() % 2 == 0;
    end();  // what is left of the last run
    net_.reset();
    const bool cuttable = network::obstacle().empty();
    net_ = cuttable ? std::make_unique<network>(nodes) : nullptr;
    if (cuttable) {
      plan_.settings_of = network::settings_of;
      plan_.within = [this](std::size_t i) { return net_->within(i); };
      plan_.faster_links = true;
    }
    begin(plan_);
    for (std::size_t i = 0; i < faults_of_a_run && !HasFatalFailure(); ++i) {
      rest(milliseconds{random_() % 500});
      strike(random_() % nodes);
    }
    total_.add(look());
  }

 private:
  void strike(std::size_t victim) {
    static constexpr action on_loopback[] = {
        &chaos_loop::restart, &chaos_loop::crash,   &chaos_loop::nap,   &chaos_loop::sleep,
        &chaos_loop::lock,    &chaos_loop::promote, &chaos_loop::demote};
    constexpr std::size_t anywhere = std::size(on_loopback);
    static constexpr action on_links[] = {&chaos_loop::reset, &chaos_loop::cut_one_way,
                                          &chaos_loop::cut, &chaos_loop::slow};
    const std::size_t which = random_() % (anywhere + (net_ ? std::size(on_links) : 0));
    (this->*(which < anywhere ? on_loopback[which] : on_links[which - anywhere]))(victim);
  }
  std::size_t other(std::size_t than) {
    return (than + 1 + random_() % (plan_.nodes - 1)) % plan_.nodes;
  }

  void restart(std::size_t i) {
    fault("restart");
    EXPECT_EQ(all().terminate(i), "exited with 0");
    all().start(i);
  }
  void crash(std::size_t i) {
    fault("kill");
    all().kill(i);
    static_cast<void>(all().probe(other(i)));
    if (plan_.supervised) {
      all().wait_restarted(i);
    } else {
      all().start(i);
    }
  }
  void nap(std::size_t i) {
    fault("nap");
    all().pause(i);
    rest(300ms);
    all().resume(i);
  }
  void sleep(std::size_t i) {
    static_cast<void>(put_to_sleep(i));
    rest(2100ms + milliseconds{random_() % 800});
    all().resume(i);
  }
  void lock(std::size_t) {
    fault("store_locked");
    {
      const file_lock held{all().store_file()};
      rest(300ms);
    }
    rest(plan_.lease * 2 / 3);  // a renewal that failed is made again a third of a lease later
  }
  /// Entities of both types that `i` knows of move there; they stay while other faults go on.
  void promote(std::size_t i) {
    fault("promote");
    for (int n = 0; n < 3; ++n) promoted_ += all().promote(other(i), some_key(), i) == "ok" ? 1 : 0;
  }
  void demote(std::size_t i) {
    fault("demote");
    for (int n = 0; n < 6; ++n) static_cast<void>(all().demote(i, some_key()));
  }
  std::uint32_t some_key() { return static_cast<std::uint32_t>(random_() % register_keys); }
  void reset(std::size_t i) {
    fault("reset");
    net_->reset(i);
  }
  void cut_one_way(std::size_t i) {
    fault("cut_one_way");
    net_->cut_one_way(i, other(i));
    rest(milliseconds{200 + random_() % 1200});
    net_->heal();
  }
  void cut(std::size_t i) {
    fault("cut");
    net_->cut(i, other(i));
    rest(milliseconds{200 + random_() % 1200});
    net_->heal();
  }
  void slow(std::size_t i) {
    fault("slow");
    net_->slow(i);
    rest(800ms);
    net_->heal();
  }

 protected:
  findings total_;
  std::size_t promoted_ = 0;

 private:
  std::mt19937_64 random_;
  chaos_plan plan_;
  std::unique_ptr<network> net_;
};
using ChaosLoop = chaos_loop;

TEST_F(ChaosLoop, RandomFaultsBreakNoPromise) {
  const auto first = testing_support::seed();
  const char* minutes = std::getenv("TROUPE_CHAOS_MINUTES");
  const auto until =
      clock::now() +
      std::chrono::duration_cast<clock::duration>(
          std::chrono::duration<double, std::ratio<60>>{minutes ? std::stod(minutes) : 0});
  std::uint64_t seed = first;
  do {
    std::cout << "run with TROUPE_SEED=" << seed << std::endl;
    run(seed++);
  } while (clock::now() < until && !HasFailure());
  figure("loop_runs", static_cast<double>(seed - first), "count");
  figure("loop_promoted", static_cast<double>(promoted_), "count");
  print("loop", total_);
}

}  // namespace
}  // namespace troupe::chaos
