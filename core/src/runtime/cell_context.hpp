// The context of one turn: what a handler sees of its cell and node.
#pragma once

#include "runtime/cell.hpp"
#include <troupe/core/context.hpp>

#include <string>

namespace troupe::runtime {

/// Lives on the worker's stack during one call into the behaviour.
class cell_context final : public context {
 public:
  cell_context(cell& owner, detail::envelope* current) : cell_(owner), current_(current) {}

  [[nodiscard]] cell& owner() const noexcept { return cell_; }
  /// Runs a message that did not come through the mailbox.
  void run(detail::envelope& message);

  [[nodiscard]] const std::string& id() const override;
  [[nodiscard]] const std::string& node() const override;
  [[nodiscard]] std::chrono::steady_clock::time_point now() const override;
  [[nodiscard]] std::chrono::system_clock::time_point wall_now() const override;
  [[nodiscard]] std::uint64_t random() override;
  void cancel(timer_id timer) override;
  void stop() override;
  errc send(const detail::route& to, detail::envelope_ptr message) override;
  void send_many(const detail::route_range& to, detail::envelope_ptr message) override;
  void begin(detail::pending_ask& ask, detail::time_point deadline) override;
  void cancel(const ask_handle& ask) override;
  [[nodiscard]] detail::sink_ptr take_sink(const void* answer_tag) override;
  [[nodiscard]] detail::time_point current_deadline() const override;
  timer_id start_once(std::chrono::nanoseconds delay, detail::envelope_ptr message) override;
  timer_id start_every(std::chrono::nanoseconds period, detail::envelope_ptr message) override;
  timer_id& named_timer(std::string_view name) override;
  detail::route start_child(detail::birth birth) override;
  [[nodiscard]] detail::route own_route() override;
  [[nodiscard]] const detail::behaviour_type& behaviour() const override;
  [[nodiscard]] detail::locator& references() override;

 private:
  cell& cell_;
  detail::envelope* current_;
  mutable std::string id_;  // once somebody asked
};

}  // namespace troupe::runtime
