// The context of one turn: what a handler sees of its cell and node.
#pragma once

#include "runtime/cell.hpp"
#include <troupe/core/context.hpp>
#include <troupe/core/detail/call_chain.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace troupe::runtime {

/// Lives on the worker's stack during one call into the behaviour; that of a coroutine lives as
/// long as it does.
class cell_context final : public context {
 public:
  /// `current`: what is being handled; null, or where null lies: no message.
  cell_context(cell& owner, detail::envelope_ptr* current) : cell_(owner), current_(current) {}

  [[nodiscard]] cell& owner() const noexcept { return cell_; }
  /// Runs a message that did not come through the mailbox.
  void run(detail::envelope_ptr& message);
  /// The message that is being handled goes to `where` and stays the current one.
  void keep_message(detail::envelope_ptr& where) noexcept {
    where = std::move(*current_);
    current_ = &where;
  }
  /// Who waits, in the end, for what is being done here.
  [[nodiscard]] detail::call_chain origin() const;
  /// The chain that asks take along from here.
  void swap_chain(detail::call_chain& chain) { std::swap(rare().chain, chain); }

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
  [[nodiscard]] detail::offload_queue& pool_called(std::string_view name) override;
  [[nodiscard]] detail::sink_ptr take_sink(const void* answer_tag) override;
  [[nodiscard]] detail::time_point current_deadline() const override;
  timer_id start_once(std::chrono::nanoseconds delay, detail::envelope_ptr message) override;
  timer_id start_every(std::chrono::nanoseconds period, detail::envelope_ptr message) override;
  timer_id& named_timer(std::string_view name) override;
  errc watch_end(const detail::route& whom, detail::end_message message) override;
  void unwatch_end(const detail::route& whom) override;
  errc link_ends(const detail::route& whom) override;
  void unlink_ends(const detail::route& whom) override;
  void remember(const void* event_tag, const void* event) override;
  detail::route start_child(detail::birth birth) override;
  [[nodiscard]] detail::child_keeping& keeping() override;
  [[nodiscard]] detail::route own_route() override;
  [[nodiscard]] const detail::behaviour_type& behaviour() const override;
  [[nodiscard]] detail::locator& references() override;
  [[nodiscard]] bool put_aside(detail::envelope_ptr message) override;
  void unstash() override;
  [[nodiscard]] std::unique_ptr<detail::task_root> open_task() override;

 private:
  /// What few turns need.
  struct extras {
    std::string id;            // once somebody asked
    detail::call_chain chain;  // of asks from here
  };
  [[nodiscard]] extras& rare() const;
  [[nodiscard]] detail::envelope* current() const noexcept {
    return current_ ? current_->get() : nullptr;
  }

  cell& cell_;
  detail::envelope_ptr* current_;
  mutable std::unique_ptr<extras> rare_;
};

}  // namespace troupe::runtime
