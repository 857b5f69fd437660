#include "runtime/cell_context.hpp"

#include "runtime/cell_services.hpp"

namespace troupe::runtime {

namespace {

using own_action = std::function<void(cell_context&)>;

const detail::handler& own_handler() {
  static const detail::handler instance = [] {
    detail::handler h;
    h.name = "continuation";
    h.size = sizeof(own_action);
    h.invoke = [](void*, void* act, context& ctx, detail::sink_ptr&) {
      (*static_cast<own_action*>(act))(static_cast<cell_context&>(ctx));
    };
    h.destroy = [](void* act) noexcept { static_cast<own_action*>(act)->~own_action(); };
    return h;
  }();
  return instance;
}

class cell_way_back final : public detail::way_back {
 public:
  explicit cell_way_back(cell& owner)
      : node_(owner.services().references().actors()),
        cell_(&owner),
        generation_(owner.generation()) {}

  void post(std::function<void(context&)> continuation) override {
    cell_->push_own(make_own([generation = generation_, run = std::move(continuation)](auto& ctx) {
      if (ctx.owner().generation() == generation) run(ctx);
    }));
  }
  timer_id arm(detail::time_point when, std::function<void()> expired) override {
    return cell_->services().clockwork().add(when, std::move(expired));
  }
  void disarm(timer_id timer) override { cell_->services().clockwork().cancel(timer); }

 private:
  std::shared_ptr<detail::carrier> node_;  // its memory: another node may settle the ask after it
  cell_ptr cell_;
  std::uint64_t generation_;
};

}  // namespace

detail::envelope_ptr make_own(std::function<void(cell_context&)> act) {
  return detail::make_envelope(own_handler(), std::move(act));
}

bool is_own(const detail::envelope& message) noexcept {
  return message.what == &own_handler();
}

const std::string& cell_context::id() const {
  return cell_.id();
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
  return cell_.home().random();
}
void cell_context::cancel(timer_id timer) {
  cell_.cancel_timer(timer);
}
void cell_context::stop() {
  cell_.stop_self();
}

errc cell_context::send(const detail::route& to, detail::envelope_ptr message) {
  return to.send(std::move(message));
}

void cell_context::send_many(const std::shared_ptr<detail::carrier>& via,
                             const std::vector<detail::place>& to, detail::envelope_ptr message) {
  if (via) via->send_many(to, std::move(message));
}

std::shared_ptr<detail::way_back> cell_context::back() {
  return std::make_shared<cell_way_back>(cell_);
}

detail::sink_ptr cell_context::take_sink(const void* answer_tag) {
  if (!current_ || !current_->sink) return nullptr;
  detail::check_answer(*current_->what, answer_tag);
  return std::move(current_->sink);
}

detail::time_point cell_context::current_deadline() const {
  return current_ ? current_->deadline : detail::time_point::max();
}

timer_id cell_context::start_timer(std::chrono::nanoseconds first, std::chrono::nanoseconds period,
                                   std::function<detail::envelope_ptr()> make) {
  return cell_.start_timer(first, period, std::move(make));
}

detail::route cell_context::start_child(detail::birth birth) {
  const cell_ptr child = cell_.services().make_child(cell_, std::move(birth));
  cell_.adopt(child);
  auto route = cell_.services().route_to(*child);
  child->launch();
  return route;
}

detail::route cell_context::own_route() {
  return cell_.services().route_to(cell_);
}

const detail::behaviour_type& cell_context::behaviour() const {
  return *cell_.made_by().type;
}

detail::locator& cell_context::references() {
  return cell_.services().references();
}

}  // namespace troupe::runtime
