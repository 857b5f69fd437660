#include "oracle/erlang_tree.hpp"
#include "oracle/running_tree.hpp"
#include "oracle/simulated_tree.hpp"
#include "seed.hpp"

#include <gtest/gtest.h>

#include <typeinfo>

namespace oracle {
namespace {

constexpr std::uint64_t cases = 2500;
constexpr std::uint64_t running_cases = 2000;
constexpr std::uint64_t mutant_cases = 1000;

std::string joined(const std::vector<std::string>& traces) {
  std::string text;
  for (const std::string& one : traces) text += one + ".\n";
  return text;
}

bool differ(supervised_tree& theirs, supervised_tree& ours, const tree_case& one) {
  return run(theirs, one) != run(ours, one);
}

/// As small as leaving out one thing after another makes it.
tree_case shrunk(supervised_tree& theirs, supervised_tree& ours, tree_case one) {
  for (bool found = true; found;) {
    found = false;
    for (const tree_case& less : smaller(one)) {
      if (!differ(theirs, ours, less)) continue;
      one = less;
      found = true;
      break;
    }
  }
  return one;
}

void expect_what_otp_does(supervised_tree& ours, std::uint64_t count) {
  erlang_supervisors otp{ORACLE_FOLDER};
  const std::uint64_t first = testing_support::seed();
  for (std::uint64_t seed = first; seed != first + count; ++seed) {
    const tree_case one = draw_case(seed);
    if (!differ(otp, ours, one)) continue;
    const tree_case small = shrunk(otp, ours, one);
    ASSERT_EQ(joined(run(ours, small)), joined(run(otp, small)))
        << "first is ours, second OTP's; again with TROUPE_SEED=" << seed << '\n'
        << to_string(small);
  }
}

TEST(SupervisorOracle, RandomTreesDoWhatTheyDoUnderOtp) {
  simulated_supervisors ours;
  expect_what_otp_does(ours, cases);
}

TEST(SupervisorOracle, RunningTreesDoWhatTheyDoUnderOtp) {
  running_supervisors ours;
  expect_what_otp_does(ours, running_cases);
}

TEST(SupervisorOracle, CasesRestartGiveUpAndFailOftenEnough) {
  simulated_supervisors ours;
  std::map<std::string, int> seen;
  for (std::uint64_t seed = 0; seed != cases; ++seed) {
    const std::string trace = joined(run(ours, draw_case(seed)));
    for (const char* word : {"fail ", "failed ", "reply ok", "already_present", "already_started",
                             "invalid", "running", "not_found", "not_dynamic", " killed"}) {
      if (trace.find(word) != std::string::npos) ++seen[word];
    }
  }
  for (const auto& [word, count] : seen) EXPECT_GE(count, 20) << word;
  EXPECT_EQ(seen.size(), 10U);
}

// Each rule taken away alone: OTP must be seen to disagree.

struct without_counting : rules {
  bool spend(restart_budget& /*b*/, restart_budget::time_point now) const override {
    return now >= restart_budget::time_point{};
  }
};
struct forgetting_nothing : rules {
  bool spend(restart_budget& budget, restart_budget::time_point /*now*/) const override {
    return budget.spend({});
  }
};
struct free_retries : rules {
  bool failed_restart_counts() const override { return false; }
};
struct stopping_first_first : rules {
  void order_stops(std::vector<child_key>& /*c*/) const override {}
};
struct starting_last_first : rules {
  void order_starts(std::vector<child_key>& c) const override { rules::order_stops(c); }
};
struct keeping_temporary : rules {
  bool is_forgotten(restart /*kind*/) const override { return false; }
};
struct reviving_transient : rules {
  bool comes_back(restart kind, exit_kind /*how*/) const override {
    return kind != restart::temporary;
  }
};
struct losing_transient : rules {
  bool comes_back(restart kind, exit_kind /*how*/) const override {
    return kind == restart::permanent;
  }
};
struct reviving_temporary : rules {
  bool comes_back(restart kind, exit_kind how) const override {
    return rules::comes_back(kind == restart::temporary ? restart::transient : kind, how);
  }
};
struct rest_is_all : rules {
  extent brings_along(strategy kind) const override {
    return rules::brings_along(kind == strategy::rest_for_one ? strategy::one_for_all : kind);
  }
};
struct rest_is_one : rules {
  extent brings_along(strategy kind) const override {
    return rules::brings_along(kind == strategy::rest_for_one ? strategy::one_for_one : kind);
  }
};
struct all_is_one : rules {
  extent brings_along(strategy kind) const override {
    return rules::brings_along(kind == strategy::one_for_all ? strategy::one_for_one : kind);
  }
};
struct undoing_nothing : rules {
  bool undoes_failed_start() const override { return false; }
};
struct leaving_ended : rules {
  bool revives_ended() const override { return false; }
};
struct never_shutting_down : rules {
  bool shuts_down(auto_shutdown /*k*/, bool /*left*/) const override { return false; }
};
struct all_is_any : rules {
  bool shuts_down(auto_shutdown /*k*/, bool /*left*/) const override { return true; }
};
struct giving_up_normally : rules {
  exit_kind ending_of_giving_up() const override { return exit_kind::normal; }
};
struct giving_up_with_a_crash : rules {
  exit_kind ending_of_giving_up() const override { return exit_kind::crashed; }
};

/// The traces of OTP, asked once.
class Mutants : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    erlang_supervisors otp{ORACLE_FOLDER};
    for (std::uint64_t seed = 0; seed != mutant_cases; ++seed) {
      expected_.push_back(run(otp, draw_case(seed)));
    }
  }

  /// In how many of the cases somebody notices.
  static int noticed(const rules& by) {
    simulated_supervisors ours{by};
    int count = 0;
    for (std::uint64_t seed = 0; seed != mutant_cases; ++seed) {
      count += run(ours, draw_case(seed)) != expected_[seed];
    }
    return count;
  }

 private:
  static inline std::vector<std::vector<std::string>> expected_;
};

TEST_F(Mutants, AreNoneAmongOtpsRules) {
  EXPECT_EQ(noticed(otp_rules()), 0);
}

template <class... Mutant>
void expect_noticed(int (*noticed)(const rules&)) {
  const auto check = [&](const rules& mutant) {
    const int count = noticed(mutant);
    std::cout << typeid(mutant).name() << " is noticed in " << count << " cases\n";
    EXPECT_GT(count, 0) << typeid(mutant).name();
  };
  (check(Mutant{}), ...);
}

TEST_F(Mutants, AreNoticedEachAlone) {
  expect_noticed<without_counting, forgetting_nothing, free_retries, stopping_first_first,
                 starting_last_first, keeping_temporary, reviving_transient, losing_transient,
                 reviving_temporary, rest_is_all, rest_is_one, all_is_one, undoing_nothing,
                 leaving_ended, never_shutting_down, all_is_any, giving_up_normally,
                 giving_up_with_a_crash>(&noticed);
}

}  // namespace
}  // namespace oracle
