// Children that a behaviour starts under supervisors, where nobody runs them.
#pragma once

#include <troupe/core/detail/kept_child.hpp>

#include <functional>
#include <stdexcept>
#include <utility>

namespace troupe::testing {

/// Gives each an address. What only a supervisor does throws std::logic_error.
class unkept_children final : public detail::child_keeping {
 public:
  using starter = std::function<detail::route(const detail::behaviour_type&)>;

  explicit unkept_children(starter start) : start_(std::move(start)) {}

  detail::early_child make_early(const detail::route& /*parent*/, detail::birth child) override {
    return detail::early_child{start_(*child.type)};
  }

  detail::route keep(detail::birth, detail::kept_listener) override { refuse(); }
  detail::route keep(detail::early_child, detail::kept_listener) override { refuse(); }
  void up(const detail::route&, std::uint64_t) override { refuse(); }
  void down(const detail::route&) override { refuse(); }
  void kill(const detail::route&) override { refuse(); }
  void let_go(const detail::route&) override { refuse(); }
  void abandon(const detail::route&) override { refuse(); }
  void on_stop(std::function<void(context&)>) override { refuse(); }
  void end(exit_reason) override { refuse(); }
  void escalate() override { refuse(); }
  void comes_up_later() override { refuse(); }
  void is_up() override { refuse(); }

 private:
  [[noreturn]] static void refuse() {
    throw std::logic_error("troupe: a recording context runs no supervisors");
  }

  starter start_;
};

}  // namespace troupe::testing
