#include "runtime/end_watch.hpp"

#include "runtime/cell.hpp"
#include "runtime/cell_context.hpp"
#include "runtime/cell_extra.hpp"
#include "runtime/cell_life.hpp"

#include <utility>

namespace troupe::runtime {

/// Keeps the message that its owner wants at somebody's end.
class end_letter final : public detail::end_listener,
                         public std::enable_shared_from_this<end_letter> {
 public:
  end_letter(cell& owner, detail::route whom, detail::end_message message)
      : whom_(std::move(whom)), owner_(&owner), message_(std::move(message)) {}

  void ended(const exit_reason& why) override {
    auto arrival = make_signal<detail::lane::own>(
        [letter = shared_from_this(), why](cell&, cell_context& ctx) { letter->open(ctx, why); });
    (void)owner_->push_own(arrival);  // refused: it has ended itself
  }
  [[nodiscard]] const detail::route& whom() const noexcept { return whom_; }

 private:
  void open(cell_context& ctx, const exit_reason& why) {
    if (!ctx.owner().extra().watching().arrive(shared_from_this())) return;
    auto message = message_(why);
    ctx.run(message);
  }

  const detail::route whom_;
  const cell_ptr owner_;
  const detail::end_message message_;
};

namespace {

/// On its way into a cell. One that is dropped there has come too late: the actor has ended.
class newcomer {
 public:
  newcomer(cell& to, std::shared_ptr<detail::end_listener> who) : to_(&to), who_(std::move(who)) {}
  newcomer(newcomer&&) = default;
  newcomer& operator=(newcomer&&) = delete;
  ~newcomer() {
    if (who_) who_->ended(to_->how_ended());
  }
  void operator()(cell& c, cell_context&) { c.extra().watching().add(std::move(who_)); }

 private:
  cell* to_;  // around, as long as something is in its mailbox
  std::shared_ptr<detail::end_listener> who_;
};

}  // namespace

void cell::watch(std::shared_ptr<detail::end_listener> who) {
  auto message = make_signal<detail::lane::signal>(newcomer{*this, std::move(who)});
  (void)push_own(message);
}

void cell::unwatch(const std::shared_ptr<detail::end_listener>& who) {
  if (has_ended()) return;
  auto message = make_signal<detail::lane::signal>(
      [who](cell& c, cell_context&) { c.extra().watching().remove(who); });
  (void)push_own(message);
}

exit_reason cell::how_ended() const {
  if (!has_ended()) return {exit_kind::shutdown, {}};  // its node goes: it will not run any more
  return extra_ ? extra_->exit : exit_reason{};
}

std::size_t end_watch::hash_of::operator()(const detail::route& whom) const noexcept {
  if (const auto* const here = whom.cell()) return here->known_number();
  return whom ? whom.far_place().number : 0;
}

errc end_watch::begin(cell& owner, const detail::route& whom, detail::end_message message) {
  auto letter = std::make_shared<end_letter>(owner, whom, std::move(message));
  const auto waiting = awaited_.emplace(whom, letter);
  const errc begun = whom.watch(letter);
  if (begun != errc::ok) awaited_.erase(waiting);
  return begun;
}

void end_watch::cancel(const detail::route& whom) {
  const auto [first, last] = awaited_.equal_range(whom);
  for (auto it = first; it != last; ++it) it->first.unwatch(it->second);
  awaited_.erase(first, last);
}

void end_watch::cancel_all() {
  links_.sleep();
  for (const auto& [whom, letter] : std::exchange(awaited_, {})) whom.unwatch(letter);
}

bool end_watch::arrive(const std::shared_ptr<end_letter>& letter) {
  const auto [first, last] = awaited_.equal_range(letter->whom());
  for (auto it = first; it != last; ++it) {
    if (it->second == letter) return awaited_.erase(it), true;
  }
  return false;
}

void end_watch::tell(cell& owner, const exit_reason& why) {
  links_.tell(owner, why);  // first: who hears of the end finds that these have been told
  for (const auto& who : std::exchange(listeners_, {})) who->ended(why);
}

}  // namespace troupe::runtime
