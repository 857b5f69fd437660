#include <troupe/testing/swarm.hpp>

namespace troupe::testing {

namespace {

using namespace std::chrono_literals;

per_million share(random_source& random, per_million most) {
  const auto drawn = static_cast<std::uint32_t>(random.below(most.of + 1));
  return random.chance(percent(50)) ? per_million{} : per_million{drawn};
}

sim_time every(random_source& random, sim_time least, sim_time most) {
  const auto drawn = random.between(least, most);
  return random.chance(percent(50)) ? sim_time{} : drawn;
}

std::string text(const char* name, per_million p) {
  return p.of == 0 ? "" : std::string{" "} + name + "=" + std::to_string(p.of / 10'000) + "%";
}

std::string text(const char* name, sim_time t) {
  if (t == sim_time{}) return "";
  return std::string{" "} + name + "=" + std::to_string(t.count() / 1'000'000) + "ms";
}

}  // namespace

fault_plan draw_faults(random_source& random) {
  fault_plan plan;
  plan.delay = random.between(50us, 5ms);
  plan.slow = share(random, percent(10));
  plan.loss = share(random, percent(30));
  plan.duplication = share(random, percent(50));
  plan.reorder = share(random, percent(30));
  plan.cut_every = every(random, 1s, 8s);
  plan.clog_every = every(random, 1s, 8s);
  plan.reset_every = every(random, 500ms, 5s);
  plan.crash_every = every(random, 2s, 15s);
  plan.leave_every = every(random, 3s, 20s);
  plan.pause_every = every(random, 2s, 15s);
  plan.longest_pause = random.between(100ms, 15s);
  plan.clock_ppm = random.chance(percent(50)) ? 0 : static_cast<std::int32_t>(random.below(10'001));
  plan.jump_every = random.chance(percent(70)) ? sim_time{} : every(random, 3s, 20s);
  plan.store_delay = random.between(200us, 20ms);
  plan.store_unknown = share(random, percent(10));
  plan.stale_renewals = random.chance(percent(50)) ? per_million{} : share(random, percent(20));
  plan.slow_watch = share(random, percent(30));
  plan.store_away_every = every(random, 4s, 20s);
  plan.leader_every = every(random, 3s, 20s);
  plan.journal_delay = random.between(100us, 5ms);
  plan.journal_unknown = share(random, percent(10));
  return plan;
}

sim_time draw_promotions(random_source& random) {
  return every(random, 300ms, 5s);
}

fault_plan healed(const fault_plan& plan) {
  fault_plan none;
  none.delay = plan.delay;
  none.store_delay = plan.store_delay;
  none.journal_delay = plan.journal_delay;
  none.clock_ppm = plan.clock_ppm;
  return none;
}

std::string to_string(const fault_plan& plan) {
  return "faults:" + text("slow", plan.slow) + text("loss", plan.loss) +
         text("duplication", plan.duplication) + text("reorder", plan.reorder) +
         text("cuts", plan.cut_every) + text("clogs", plan.clog_every) +
         text("resets", plan.reset_every) + text("crashes", plan.crash_every) +
         text("leaves", plan.leave_every) + text("promotions", plan.promote_every) +
         text("pauses", plan.pause_every) + text("jumps", plan.jump_every) +
         text("store_unknown", plan.store_unknown) + text("stale_renewals", plan.stale_renewals) +
         text("slow_watch", plan.slow_watch) + text("store_away", plan.store_away_every) +
         text("leaders", plan.leader_every) + text("journal_unknown", plan.journal_unknown) +
         (plan.clock_ppm == 0 ? "" : " clock_ppm=" + std::to_string(plan.clock_ppm));
}

}  // namespace troupe::testing
