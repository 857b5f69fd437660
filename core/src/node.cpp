#include "inside.hpp"
#include <troupe/core/config.hpp>
#include <troupe/core/node.hpp>

#include <csignal>
#include <semaphore.h>
#include <stdexcept>

namespace troupe {

namespace detail {

void refuse_to_block_a_worker() {
  if (runtime::on_worker()) {
    throw std::logic_error(
        "troupe: get() of an ask would block a worker; in a handler use ctx.ask(...).then(...)");
  }
}

}  // namespace detail

result<node> node::start(const std::string& file) {
  auto options = load_config({file, true, {}});
  if (!options) return options.why();
  return start(std::move(*options));
}

result<node> node::start(node_options options) {
  auto inside = detail::node_inside::start(std::move(options));
  if (!inside) return inside.why();
  return node{std::move(*inside)};
}

node::node(std::shared_ptr<detail::node_inside> inside) : inside_(std::move(inside)) {}
node::node(node&&) noexcept = default;

node& node::operator=(node&& other) noexcept {
  if (this != &other) {
    if (inside_) inside_->stop();
    inside_ = std::move(other.inside_);
  }
  return *this;
}

node::~node() {
  if (inside_) inside_->stop();
}

const node_options& node::options() const noexcept {
  return inside_->options();
}
endpoint node::listening() const {
  return inside_->posts().listening();
}
logger& node::log() const noexcept {
  return inside_->log();
}

detail::route node::start_actor(detail::birth&& birth) {
  return inside_->start_actor(std::move(birth));
}

std::vector<behaviour_account> node::costs() const {
  return inside_->costs();
}

std::optional<actor_account> node::costs_at(const detail::route& where) {
  const auto* here = where.cell();
  if (!here || here->has_ended()) return std::nullopt;
  return here->costs();
}

supervision_tree node::supervision_tree(std::size_t most) const {
  return inside_->trees().look(most);
}

subscription node::subscribe(std::function<void(const event&)> subscriber) {
  return inside_->events().add(std::move(subscriber));
}

namespace {
sigset_t ending_signals() {
  sigset_t both;
  sigemptyset(&both);
  sigaddset(&both, SIGINT);
  sigaddset(&both, SIGTERM);
  return both;
}
}  // namespace

void node::hold_signals() {
  const auto ends = ending_signals();
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
}

void node::run_until_signal() {
  // Handlers, not masks: the node's threads run already and would take the signal with its default
  // action.
  static sem_t arrived;
  static volatile std::sig_atomic_t which = 0;
  sem_init(&arrived, 0, 0);
  struct sigaction on_signal {};
  on_signal.sa_handler = [](int number) {
    which = number;
    sem_post(&arrived);
  };
  struct sigaction before_int {};
  struct sigaction before_term {};
  sigaction(SIGINT, &on_signal, &before_int);
  sigaction(SIGTERM, &on_signal, &before_term);
  const auto ends = ending_signals();
  sigset_t mask;
  pthread_sigmask(SIG_UNBLOCK, &ends, &mask);  // one that was held comes now
  while (sem_wait(&arrived) != 0) {
  }
  pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  sigaction(SIGINT, &before_int, nullptr);
  sigaction(SIGTERM, &before_term, nullptr);
  log().info("signal received", {{"signal", which == SIGINT ? "SIGINT" : "SIGTERM"}});
}

}  // namespace troupe
