// The actor that does what a supervisor's core decides.
#pragma once

#include "supervisor_messages.hpp"
#include "tree_window.hpp"
#include <troupe/core/context.hpp>
#include <troupe/supervision/child_info.hpp>
#include <troupe/supervision/supervisor_core.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::detail {
class node_inside;
}

namespace troupe::supervision {

/// One supervisor. Decides nothing: each event goes to its core, and what that wants is done.
class supervisor_actor : public supervisor_messages {
 public:
  static constexpr std::string_view name = "supervisor";
  static constexpr bool only_children_travel = true;
  using protocol =
      troupe::protocol<void(timer_due), void(kill_due), answer(here_only<branch_ptr>),
                       void(here_only<adoption>), answer(administer), here_only<finding>(find),
                       std::vector<child_info>(get_children), child_counts(get_counts),
                       bool(has_supervisor), here_only<supervision_tree>(get_tree)>;

  /// `first`: null but for one that a thread starts.
  supervisor_actor(branch_ptr what, place_in_tree where, std::shared_ptr<start_line> first);
  supervisor_actor(const supervisor_actor&) = delete;
  supervisor_actor& operator=(const supervisor_actor&) = delete;
  ~supervisor_actor();
  void started(context& ctx);

  void on(timer_due m, context& ctx);
  void on(kill_due m, context& ctx);
  later<answer> on(const here_only<branch_ptr>& m, context& ctx);
  void on(const here_only<adoption>& m, context& ctx);
  later<answer> on(const administer& m, context& ctx);
  here_only<finding> on(const find& m);
  std::vector<child_info> on(get_children) const;
  child_counts on(get_counts) const { return core_.children().count(); }
  bool on(has_supervisor) const { return !where_.is_top; }
  here_only<supervision_tree> on(get_tree m) const;

  /// Its children's lines, and what is below them; its window's lock is held.
  void write_children(detail::tree_lines& into, std::uint32_t depth) const;

 private:
  struct kid {
    branch_ptr what;
    detail::route route{};
    std::string culprit{};                  ///< of its last crash
    early_ptr early{};                      ///< until it is kept
    std::shared_ptr<tree_window> window{};  ///< of a supervisor
  };

  void step(supervisor_event what, context& ctx);
  [[nodiscard]] restart_budget::time_point now(const context& ctx) const {
    return where_.probe ? where_.probe->now() : ctx.now();
  }
  void perform(const action::start& a, context& ctx);
  void perform(const action::stop& a, context& ctx);
  void perform(const action::kill& a, context& ctx);
  void perform(const action::set_timer& a, context& ctx);
  void perform(const action::cancel_timer& a, context& ctx);
  void perform(const action::forget& a, context& ctx);
  void perform(const action::reply& a, context& ctx);
  void perform(const report& a, context& ctx);
  void perform(const action::ready& a, context& ctx);
  void perform(const action::exit& a, context& ctx);

  child_key add_kid(branch_ptr what, early_ptr early = {});
  void erase_kid(child_key key);
  void heard(child_key child, const detail::kept_news& news, context& ctx);
  [[nodiscard]] detail::birth birth_of(const kid& child) const;
  [[nodiscard]] child_info info_of(const child_table::entry& e) const;
  [[nodiscard]] const kid* find_kid(const child_name& who) const;
  /// Whoever waits for a call; `added`: the child that it brought.
  struct caller {
    std::optional<later<answer>> whom{};  ///< none: an actor, which is not told
    std::optional<child_key> added{};
  };
  [[nodiscard]] call_number expect(caller who);

  branch_ptr what_;
  place_in_tree where_;
  detail::node_inside* inside_ = nullptr;  // from its start on
  std::shared_ptr<start_line> first_;
  supervisor_core core_;
  std::map<child_key, kid> kids_;
  std::map<std::pair<child_key, std::uint64_t>, timer_id> timers_;
  std::map<call_number, caller> calls_;
  child_key next_key_ = 0;
  call_number next_call_ = 0;
  std::optional<detail::tree_sources::ticket> shown_;
  bool gave_up_ = false;
};

}  // namespace troupe::supervision
