#include "runtime/scheduler.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/execution_unit.hpp>
#include <caf/logger.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <vector>

namespace troupe::runtime {

namespace {

thread_local bool running_a_job = false;

/// A job in CAF's eyes. Owned by the scheduler, so that CAF's reference counting has nothing to do.
class adopted_job final : public caf::resumable {
 public:
  explicit adopted_job(job& j) : job_(j) {}
  subtype_t subtype() const override { return function_object; }
  resume_result resume(caf::execution_unit*, size_t) override {
    running_a_job = true;
    const bool more = job_.run();
    running_a_job = false;
    return more ? resume_later : awaiting_message;
  }
  void intrusive_ptr_add_ref_impl() override {}
  void intrusive_ptr_release_impl() override {}

 private:
  job& job_;
};

struct sharing_config : caf::actor_system_config {
  explicit sharing_config(std::uint32_t workers) {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", static_cast<std::size_t>(workers));
    set("logger.verbosity", caf::atom("quiet"));
  }
};

class caf_scheduler final : public scheduler {
 public:
  explicit caf_scheduler(std::uint32_t workers) : config_(workers), system_(config_) {
    // The system keeps its logger in a variable of the thread that made it, and waits in its
    // destructor until it is gone from there: for good, if that runs on another thread.
    caf::logger::set_current_actor_system(nullptr);
  }
  void adopt(job& j) override {
    jobs_.push_back(std::make_unique<adopted_job>(j));
    j.scheduled_as = jobs_.back().get();
  }
  void submit(job& j) override {
    system_.scheduler().enqueue(static_cast<adopted_job*>(j.scheduled_as));
  }

 private:
  std::vector<std::unique_ptr<adopted_job>> jobs_;  // outlives the system below
  sharing_config config_;
  caf::actor_system system_;
};

}  // namespace

std::unique_ptr<scheduler> start_scheduler(std::uint32_t workers) {
  return std::make_unique<caf_scheduler>(workers);
}

bool on_worker() noexcept {
  return running_a_job;
}

}  // namespace troupe::runtime
