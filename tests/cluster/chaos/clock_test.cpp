// Nodes whose wall clock is stepped.
#include "chaos_test.hpp"
#include "load.hpp"

#include <cstdlib>
#include <fstream>

namespace troupe::chaos {
namespace {

using ChaosClock = chaos_test;

/// Where Debian's libfaketime puts itself; empty: it is not here.
std::string faketime() {
  for (const auto& entry : std::filesystem::directory_iterator{"/usr/lib"}) {
    const auto file = entry.path() / "faketime" / "libfaketime.so.1";
    if (std::filesystem::exists(file)) return file;
  }
  const char* given = std::getenv("TROUPE_FAKETIME");
  return given ? given : "";
}

TEST_F(ChaosClock, AWallClockThatIsSteppedDisturbsNobody) {
  const auto library = faketime();
  if (library.empty()) GTEST_SKIP() << "libfaketime is not installed";
  const testing_support::temporary_folder clocks;
  const auto clock_of = [&](std::size_t i) { return clocks.path / std::to_string(i); };
  const auto set = [&](std::size_t i, const std::string& offset) {
    std::ofstream{clock_of(i)} << offset << '\n';
  };
  chaos_plan plan;
  plan.lease = 2s;
  plan.within = [&](std::size_t i) {
    set(i, "+0");
    return std::vector<std::string>{"/usr/bin/env", "LD_PRELOAD=" + library,
                                    "FAKETIME_TIMESTAMP_FILE=" + clock_of(i).string(),
                                    "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1"};
  };
  begin(plan);
  for (const auto& [i, offset] :
       {std::pair<std::size_t, const char*>{0, "+3600"}, {1, "-30"}, {2, "+86400"}, {0, "-7200"}}) {
    rest(800ms);
    fault("wall_clock_stepped");
    set(i, offset);
    const auto here = std::chrono::system_clock::now().time_since_epoch();
    const auto off = std::stoll(all().ask(i, "wall").value()) - here / 1s;
    EXPECT_NEAR(static_cast<double>(off), std::stod(offset), 5) << "the clock was not stepped";
  }
  rest(2500ms);  // longer than a lease
  const auto found = judge("wall_clock");

  EXPECT_EQ(found.lives, log_keys) << "no log began anew";
  EXPECT_EQ(found.failed(), 0u);
}

}  // namespace
}  // namespace troupe::chaos
