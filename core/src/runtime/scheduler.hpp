// The threads that run hosts: the seam behind which CAF does the scheduling.
#pragma once

#include <cstdint>
#include <memory>

namespace troupe::runtime {

/// Something that is run when it has work. Outlives its scheduler or is idle for good.
class job {
 public:
  virtual ~job() = default;
  /// Runs for a bounded while; true: there is more, run it again. Never called concurrently for one
  /// job.
  virtual bool run() = 0;

  void* scheduled_as = nullptr;  ///< the scheduler's own handle of this job
};

class scheduler {
 public:
  virtual ~scheduler() = default;  ///< waits for running jobs; queued ones are dropped
  /// Makes `j` known; once, before its first submit.
  virtual void adopt(job& j) = 0;
  /// Runs `j` soon. Any thread; not again before that run returned false.
  virtual void submit(job& j) = 0;
};

/// `workers` threads under CAF's `sharing` policy: no starvation, wakes in tens of microseconds.
[[nodiscard]] std::unique_ptr<scheduler> start_scheduler(std::uint32_t workers);

/// Whether the calling thread is one of a scheduler's workers, running a job.
[[nodiscard]] bool on_worker() noexcept;

}  // namespace troupe::runtime
