// The actor that does what a supervisor's core decides.
#pragma once

#include "branch.hpp"
#include <troupe/core/codec.hpp>
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

/// Something in a message that stays on its node: on the wire it is refused as malformed.
template <class T>
struct here_only {
  T value;
};

/// Who waits for a tree to be up. Told once; any thread.
class start_line {
 public:
  virtual ~start_line() = default;
  virtual void tell(result<void> outcome) = 0;
};

/// One supervisor. Decides nothing: each event goes to its core, and what that wants is done.
class supervisor_actor {
 public:
  static constexpr std::string_view name = "supervisor";
  struct timer_due {
    child_key child;
    std::uint64_t number;
  };
  struct kill_due {
    child_key child;
    std::uint64_t run;
  };
  enum class order : std::uint8_t { terminate, restart, erase };
  struct administer {
    order what;
    child_name who;
  };
  struct answer {
    admin code = admin::ok;
    child_key key = 0;
    std::string what;
  };
  struct find {
    child_name who;
  };
  struct finding {
    detail::route where;
    const detail::behaviour_type* type = nullptr;  ///< null: nobody
  };
  struct get_children {};
  struct get_counts {};
  struct get_tree {};
  using protocol = troupe::protocol<void(timer_due), void(kill_due), answer(here_only<branch_ptr>),
                                    answer(administer), here_only<finding>(find),
                                    std::vector<child_info>(get_children), child_counts(get_counts),
                                    std::vector<tree_line>(get_tree)>;

  /// `path` is how reports call it. `first`: null but for the one on top.
  supervisor_actor(branch_ptr what, std::string path, detail::node_inside* inside,
                   std::shared_ptr<start_line> first);
  void started(context& ctx);

  void on(timer_due m, context& ctx);
  void on(kill_due m, context& ctx);
  later<answer> on(const here_only<branch_ptr>& m, context& ctx);
  later<answer> on(const administer& m, context& ctx);
  here_only<finding> on(const find& m);
  std::vector<child_info> on(get_children) const;
  child_counts on(get_counts) const { return core_.children().count(); }
  later<std::vector<tree_line>> on(get_tree, context& ctx);

 private:
  struct kid {
    branch_ptr what;
    detail::route route{};
    std::uint64_t starts = 0;
    std::string culprit{};  ///< of its last crash
  };

  void step(supervisor_event what, context& ctx);
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

  void heard(child_key child, const detail::kept_news& news, context& ctx);
  [[nodiscard]] detail::birth birth_of(const kid& child) const;
  [[nodiscard]] child_info info_of(const child_table::entry& e) const;
  [[nodiscard]] const kid* find_kid(const child_name& who) const;
  /// Whoever waits for a call; `added`: the child that it brought.
  struct caller {
    later<answer> whom;
    std::optional<child_key> added{};
  };
  [[nodiscard]] call_number expect(caller who);

  branch_ptr what_;
  std::string path_;
  detail::node_inside* inside_;
  std::shared_ptr<start_line> first_;
  supervisor_core core_;
  std::map<child_key, kid> kids_;
  std::map<std::pair<child_key, std::uint64_t>, timer_id> timers_;
  std::map<call_number, caller> calls_;
  child_key next_key_ = 0;
  call_number next_call_ = 0;
};

}  // namespace troupe::supervision

namespace troupe {

template <class T>
struct codec<supervision::here_only<T>> {
  static void encode(const supervision::here_only<T>&, writer&) {}
  static bool decode(supervision::here_only<T>&, reader&) { return false; }
};

/// A key or an id.
template <>
struct codec<supervision::child_name> {
  static void encode(const supervision::child_name& who, writer& out);
  static bool decode(supervision::child_name& who, reader& in);
};

}  // namespace troupe
