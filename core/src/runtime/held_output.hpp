// What a durable entity does to the world, kept back until what it depends on is durable.
#pragma once

#include "runtime/cell_ptr.hpp"
#include <troupe/core/detail/envelope.hpp>
#include <troupe/core/detail/offloaded_job.hpp>
#include <troupe/core/detail/route.hpp>
#include <troupe/core/result.hpp>

#include <memory>
#include <vector>

namespace troupe::runtime {

/// One of the two is called, once, on any thread.
class held_effect {
 public:
  virtual ~held_effect() = default;
  virtual void release() = 0;
  virtual void drop(const error& why) = 0;  ///< what it depends on was not kept
};
using held_effects = std::vector<std::unique_ptr<held_effect>>;

[[nodiscard]] std::unique_ptr<held_effect> held_message(detail::route to, detail::envelope_ptr m);
[[nodiscard]] std::unique_ptr<held_effect> held_messages(const detail::route_range& to,
                                                         detail::envelope_ptr m);
[[nodiscard]] std::unique_ptr<held_effect> held_launch(cell_ptr child);
[[nodiscard]] std::unique_ptr<held_effect> held_job(detail::offload_queue& pool,
                                                    std::unique_ptr<detail::offloaded_job> job);

/// What one handler did, of one entity. Let go without a word, it is dropped.
class held_output {
 public:
  held_output(cell_ptr of, held_effects what);
  held_output(held_output&&) = default;
  held_output& operator=(held_output&&) = delete;
  ~held_output();

  void release() noexcept;
  void drop(const error& why) noexcept;

 private:
  cell_ptr of_;  // null: it is done
  held_effects what_;
};

}  // namespace troupe::runtime
