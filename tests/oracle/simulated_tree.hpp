// Trees of our own supervisor cores, put together by a loop over one queue, without threads or
// time.
#pragma once

#include "oracle/supervised_tree.hpp"
#include <troupe/supervision/supervisor_core.hpp>

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace oracle {

class simulated_supervisors : public supervised_tree {
 public:
  explicit simulated_supervisors(const rules& by = otp_rules()) : rules_(&by) {}

  [[nodiscard]] std::string start(const tree_case& of) override;
  [[nodiscard]] std::string apply(const tree_step& step) override;
  [[nodiscard]] std::string stop() override;

 private:
  struct group;
  struct member {
    spec what;
    child_run run;
    bool is_up = false;
    group* tree = nullptr;  // of a supervisor
  };
  struct group {
    std::string id;
    supervisor_core core;
    std::map<child_key, member> members;
    child_key next = 0;
    group* parent = nullptr;
    child_run as;
    bool is_ready = false;
    bool is_over = false;
  };
  struct timer {
    group* whose;
    event::timer what;
  };

  group* make(const spec& tree, group* parent, child_run as);
  [[nodiscard]] group* find_group(const std::string& id);
  [[nodiscard]] std::pair<group*, member*> find_worker(const std::string& id);
  void call(const tree_step& step);
  [[nodiscard]] child_name name_of(group& g, const std::string& id) const;
  void tell(group* whom, supervisor_event what) { queue_.emplace_back(whom, std::move(what)); }
  [[nodiscard]] std::string settle();
  void end_worker(group& g, member& m, exit_kind how);
  void note(const std::string& line) { trace_ += line + '\n'; }
  [[nodiscard]] std::string snapshot(const group& g) const;

  void on(group& g, const action::start& a);
  void on(group& g, const action::stop& a);
  void on(group& g, const action::kill& a);
  void on(group& g, const action::set_timer& a);
  void on(group& g, const action::cancel_timer& a);
  void on(group& g, const action::forget& a) { g.members.erase(a.child); }
  void on(group& g, const action::reply& a);
  void on(group& g, const report& a) { static_cast<void>(g), static_cast<void>(a); }
  void on(group& g, const action::ready& a);
  void on(group& g, const action::exit& a);

  const rules* rules_;
  tree_case case_;
  std::vector<std::unique_ptr<group>> groups_;
  group* root_ = nullptr;
  std::deque<std::pair<group*, supervisor_event>> queue_;
  std::deque<timer> timers_;
  std::map<std::string, int> fails_;
  std::string trace_, reply_;
  restart_budget::time_point now_;
};

}  // namespace oracle
