#include "runtime/cell_context.hpp"

#include "runtime/cell_extra.hpp"
#include "runtime/cell_services.hpp"
#include "runtime/event_hub.hpp"
#include "runtime/host.hpp"
#include "runtime/multicast.hpp"
#include "runtime/own_tasks.hpp"
#include "runtime/patient.hpp"

#include <utility>

namespace troupe::runtime {

cell_context::extras& cell_context::rare() const {
  if (!rare_) rare_ = std::make_unique<extras>();
  return *rare_;
}

const std::string& cell_context::id() const {
  auto& known = rare().id;
  if (known.empty()) known = cell_.id();
  return known;
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
  if (!cell_.is_durable()) return to.send(std::move(message));
  durable_cell::hold(cell_, held_message(to, std::move(message)));
  return errc::ok;
}

void cell_context::send_many(const detail::route_range& to, detail::envelope_ptr message) {
  if (!cell_.is_durable()) return runtime::send_many(to, std::move(message));
  durable_cell::hold(cell_, held_messages(to, std::move(message)));
}

void cell_context::begin(detail::pending_ask& ask, detail::time_point deadline) {
  if (rare_) ask.chain = rare_->chain;
  cell_.extra().asks.begin(cell_, ask, deadline);
}

void cell_context::cancel(const ask_handle& ask) {
  if (ask.get()) cell_.extra().asks.cancel(cell_, *ask.get());
}

detail::offload_queue& cell_context::pool_called(std::string_view name) {
  auto& pool = cell_.services().pool_called(name);
  return cell_.is_durable() ? durable_cell::holding(cell_, pool) : pool;
}

void cell_context::run(detail::envelope_ptr& message) {
  auto* const outer = std::exchange(current_, &message);
  message->what->invoke(cell_.state(), message->payload(), *this, message->sink);
  current_ = outer;
}

detail::sink_ptr cell_context::take_sink(const void* answer_tag) {
  auto* const message = current();
  if (!message || !message->sink) return nullptr;
  detail::check_answer(*message->what, answer_tag);
  // From now on whoever waits for that answer waits for what is asked here.
  if (message->sink->chain) rare().chain = message->sink->chain;
  return std::move(message->sink);
}

detail::call_chain cell_context::origin() const {
  auto* const message = current();
  if (message && message->sink) return message->sink->chain;
  return rare_ ? rare_->chain : detail::call_chain{};
}

detail::time_point cell_context::current_deadline() const {
  return current() ? current()->deadline : detail::time_point::max();
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

errc cell_context::watch_end(const detail::route& whom, detail::end_message message) {
  return cell_.extra().watching().begin(cell_, whom, std::move(message));
}

void cell_context::unwatch_end(const detail::route& whom) {
  cell_.extra().watching().cancel(whom);
}

errc cell_context::link_ends(const detail::route& whom) {
  return cell_.extra().watching().links().link(cell_, whom);
}

void cell_context::unlink_ends(const detail::route& whom) {
  cell_.extra().watching().links().unlink(cell_, whom);
}

detail::route cell_context::start_child(detail::birth birth) {
  cell_ptr child = cell_.services().make_child(cell_, std::move(birth));
  heritage::give(cell_, cell_, *child);
  cell_.adopt(*child);
  if (cell_.is_durable()) {
    durable_cell::hold(cell_, held_launch(child));
  } else {
    child->launch();
  }
  return detail::route{std::move(child)};
}

void cell_context::remember(const void* event_tag, const void* event) {
  durable_cell::remember(cell_, event_tag, event);
}

detail::child_keeping& cell_context::keeping() {
  auto& mine = cell_.extra().keeping;
  if (!mine) mine = std::make_unique<keeper>(cell_);
  return *mine;
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

bool cell_context::put_aside(detail::envelope_ptr message) {
  if (auto* const handled = current()) {
    make_impatient(handled->sink);
    message->sink = std::move(handled->sink);
    message->deadline = handled->deadline;
  }
  const auto& what = *message->what;
  const bool taken = cell_.put_aside(std::move(message));
  if (!taken) tell_full_stash(cell_, what);
  return taken;
}

void cell_context::unstash() {
  cell_.unstash();
}

std::unique_ptr<detail::task_root> cell_context::open_task() {
  return std::make_unique<cell_task>(cell_, current_);
}

}  // namespace troupe::runtime
