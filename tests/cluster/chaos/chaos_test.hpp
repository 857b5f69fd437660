// What chaos tests share: a cluster under load, faults that are counted, and figures.
#pragma once

#include "chaos_cluster.hpp"
#include "file_lock.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::chaos {

using namespace std::chrono_literals;

class chaos_test : public testing::Test {
 protected:
  using clock = std::chrono::steady_clock;

  /// All nodes run, settled, and under load; each log has begun its life.
  void begin(chaos_plan plan = {}) {
    const std::size_t count = plan.nodes;
    all_ = std::make_unique<chaos_cluster>(std::move(plan));
    for (std::size_t i = 0; i < count; ++i) all_->start(i);
    ASSERT_TRUE(all_->wait_settled(30s)) << all_->log_of(0);
    all_->load_on();
    static_cast<void>(all_->probe(0));
  }
  void end() { all_.reset(); }
  chaos_cluster& all() { return *all_; }

  /// Counts a fault of this kind.
  void fault(const std::string& kind) { ++faults_[kind]; }

  /// Stops node `i` for longer than its lease; until `resume`. False: it was stopped in the midst
  /// of a transaction, so that nobody can write to the file, and all lose their leases.
  bool put_to_sleep(std::size_t i) {
    fault("pause");
    all_->excuse(i);
    all_->pause(i);
    if (!file_lock::is_held(all_->store_file())) return true;
    fault("pause_with_the_store_locked");
    all_->excuse_all();
    return false;
  }

  /// Waits until all is as it should be again, up to a limit that is generous, and prints how long
  /// that took.
  void wait_settled(const std::string& after) {
    const auto begun = clock::now();
    ASSERT_TRUE(all_->wait_settled(30s)) << all_->log_of(0);
    const auto took = std::chrono::duration_cast<milliseconds>(clock::now() - begun);
    figure("settled_after_" + after, static_cast<double>(took.count()), "ms");
  }

  static void rest(milliseconds howlong) { std::this_thread::sleep_for(howlong); }

  static void figure(const std::string& name, double value, const std::string& unit) {
    std::cout << "chaos_" << name << ' ' << std::setprecision(12) << value << ' ' << unit << '\n';
  }
  /// `name_p50`, `name_p99` and `name_max`, in ms.
  static void figures(const std::string& name, std::vector<milliseconds> times) {
    std::ranges::sort(times);
    const auto at = [&](std::size_t percent) {
      return static_cast<double>(times[(times.size() - 1) * percent / 100].count());
    };
    figure(name + "_p50", at(50), "ms");
    figure(name + "_p99", at(99), "ms");
    figure(name + "_max", at(100), "ms");
  }

  /// Ends the run: its history must be one that was promised.
  findings look() {
    findings found = all_->judge();
    for (const auto& sentence : found.wrong) ADD_FAILURE() << sentence;
    EXPECT_EQ(found.violations, 0u);
    return found;
  }
  /// `look`, and what it brought is printed as `name`_….
  findings judge(const std::string& name) {
    const auto found = look();
    print(name, found);
    return found;
  }
  void print(const std::string& name, const findings& found) {
    std::size_t faults = 0;
    for (const auto& [kind, n] : faults_) {
      figure(name + "_faults_" + kind, static_cast<double>(n), "count");
      faults += n;
    }
    const std::pair<const char*, std::uint64_t> counts[] = {
        {"faults", faults},
        {"told", found.told},
        {"applied", found.applied},
        {"passed_on", found.passed_on},
        {"lost", found.lost},
        {"lost_with_a_killed_node", found.excused},
        {"repeated", found.repeated},
        {"reordered", found.reordered},
        {"refused", found.refused},
        {"entities_moved", found.arrivals},
        {"asks", found.asks + found.register_asks},
        {"asks_failed", found.failed()},
        {"register_asks_linearized", found.linearized},
    };
    for (const auto& [what, n] : counts) {
      figure(name + '_' + what, static_cast<double>(n), "count");
    }
    for (const auto& [why, n] : found.asks_failed) {
      figure(name + "_asks_failed_" + why, static_cast<double>(n), "count");
    }
  }

  void TearDown() override {
    if (!all_ || !HasFailure()) return;
    const std::filesystem::path kept = all_->folder().string() + ".kept";
    std::filesystem::create_directory(kept);
    for (const auto& entry : std::filesystem::directory_iterator{all_->folder()}) {
      if (entry.is_regular_file()) std::filesystem::copy(entry, kept / entry.path().filename());
    }
    std::cout << "logs and journals are kept in " << kept << '\n';
  }

 private:
  std::unique_ptr<chaos_cluster> all_;
  std::map<std::string, std::size_t> faults_;
};

}  // namespace troupe::chaos
