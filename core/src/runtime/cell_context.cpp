#include "runtime/cell_context.hpp"

#include "runtime/cell_extra.hpp"
#include "runtime/cell_services.hpp"
#include "runtime/host.hpp"
#include "runtime/multicast.hpp"

#include <utility>

namespace troupe::runtime {

const std::string& cell_context::id() const {
  if (id_.empty()) id_ = cell_.id();
  return id_;
}
const std::string& cell_context::node() const {
  return cell_.services().node_name();
}
std::chrono::steady_clock::time_point cell_context::now() const {
  return std::chrono::steady_clock::now();
}
std::chrono::system_clock::time_point cell_context::wall_now() const {
  return std::chrono::system_clock::now();
}
std::uint64_t cell_context::random() {
  return host::current()->random();
}
void cell_context::cancel(timer_id timer) {
  cell_.extra().timers.cancel(cell_, timer);
}
void cell_context::stop() {
  cell_.stop_self();
}

errc cell_context::send(const detail::route& to, detail::envelope_ptr message) {
  return to.send(std::move(message));
}

void cell_context::send_many(const detail::route_range& to, detail::envelope_ptr message) {
  runtime::send_many(to, std::move(message));
}

void cell_context::begin(detail::pending_ask& ask, detail::time_point deadline) {
  cell_.extra().asks.begin(cell_, ask, deadline);
}

void cell_context::cancel(const ask_handle& ask) {
  if (ask.get()) cell_.extra().asks.cancel(cell_, *ask.get());
}

void cell_context::run(detail::envelope& message) {
  auto* const outer = std::exchange(current_, &message);
  message.what->invoke(cell_.state(), message.payload(), *this, message.sink);
  current_ = outer;
}

detail::sink_ptr cell_context::take_sink(const void* answer_tag) {
  if (!current_ || !current_->sink) return nullptr;
  detail::check_answer(*current_->what, answer_tag);
  return std::move(current_->sink);
}

detail::time_point cell_context::current_deadline() const {
  return current_ ? current_->deadline : detail::time_point::max();
}

timer_id cell_context::start_once(std::chrono::nanoseconds delay, detail::envelope_ptr message) {
  return cell_.extra().timers.once(cell_, std::chrono::steady_clock::now() + delay,
                                   std::move(message));
}

timer_id cell_context::start_every(std::chrono::nanoseconds period, detail::envelope_ptr message) {
  return cell_.extra().timers.every(cell_, period, std::move(message));
}

timer_id& cell_context::named_timer(std::string_view name) {
  return cell_.extra().timers.named(name);
}

detail::route cell_context::start_child(detail::birth birth) {
  const cell_ptr child = cell_.services().make_child(cell_, std::move(birth));
  cell_.adopt(*child);
  child->launch();
  return detail::route{*child};
}

detail::route cell_context::own_route() {
  (void)cell_.number();
  return detail::route{cell_};
}

const detail::behaviour_type& cell_context::behaviour() const {
  return cell_.type();
}

detail::locator& cell_context::references() {
  return cell_.services().references();
}

}  // namespace troupe::runtime
