#include "oracle/stage.hpp"

#include <stdexcept>
#include <utility>
#include <variant>

namespace oracle {

using namespace troupe::supervision;
using troupe::exit_kind;

namespace {

std::string id_in(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string down(const std::string& id, exit_kind how) {
  return "down " + id + ' ' + std::string(to_string(how));
}

}  // namespace

// --- a worker ------------------------------------------------------------------------------------

actor::actor(stage* where, std::string id) : stage_(where), id_(std::move(id)) {
  if (!stage_->may_start(id_)) throw std::runtime_error("told to");
}

actor::~actor() {
  stage_->went(id_, end_);
}

void actor::started(troupe::context& ctx) {
  if (stage_->is_deaf(id_)) ctx.keeping().on_stop([](troupe::context&) {});
  stage_->came(id_, ctx.self<actor>());
}

void actor::stopping(const troupe::exit_reason& why, troupe::context&) {
  end_ = why.kind == exit_kind::normal     ? exit_kind::normal
         : why.kind == exit_kind::shutdown ? exit_kind::shutdown
                                           : exit_kind::crashed;
}

void actor::on(exits m, troupe::context& ctx) {
  switch (static_cast<exit_kind>(m.how)) {
    case exit_kind::normal: return ctx.stop();
    case exit_kind::shutdown: return ctx.keeping().end({exit_kind::shutdown, {}});
    case exit_kind::killed: return ctx.keeping().kill(ctx.self<actor>().where());
    case exit_kind::crashed:
    case exit_kind::unreachable: end_ = exit_kind::crashed; throw std::runtime_error("told to");
  }
}

// --- all of them ---------------------------------------------------------------------------------

void stage::clear(std::set<std::string> deaf, std::map<std::string, int> fails) {
  const std::lock_guard lock{mutex_};
  deaf_ = std::move(deaf);
  fails_ = std::move(fails);
  lines_.clear(), workers_.clear(), supervisors_.clear();
  now_ = {};
}

void stage::note(const std::string& line) {
  lines_ += line + '\n';
  ++changes_;
  changed_.notify_all();
}

void stage::fail(const std::string& id, int times) {
  const std::lock_guard lock{mutex_};
  fails_[id] = times;
}

void stage::pass(std::chrono::seconds time) {
  const std::lock_guard lock{mutex_};
  now_ += time;
}

bool stage::is_deaf(const std::string& id) const {
  const std::lock_guard lock{mutex_};
  return deaf_.contains(id);
}

bool stage::may_start(const std::string& id) {
  const std::lock_guard lock{mutex_};
  int& fails = fails_[id];
  if (fails == 0) return true;
  --fails;
  note("fail " + id);
  return false;
}

void stage::came(const std::string& id, troupe::actor_ref<actor> who) {
  const std::lock_guard lock{mutex_};
  workers_[id] = std::move(who);
  note("up " + id);
}

void stage::went(const std::string& id, exit_kind how) {
  const std::lock_guard lock{mutex_};
  workers_.erase(id);
  note(down(id, how));
}

troupe::actor_ref<actor> stage::find(const std::string& id) const {
  const std::lock_guard lock{mutex_};
  const auto found = workers_.find(id);
  return found == workers_.end() ? troupe::actor_ref<actor>{} : found->second;
}

bool stage::is_gone(const std::string& id) {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, std::chrono::seconds{10},
                           [&] { return lines_.find("down " + id + ' ') != std::string::npos; });
}

stage::time_point stage::now() {
  const std::lock_guard lock{mutex_};
  return now_;
}

// The first action of a supervisor is its coming, its exit its last.
void stage::sees(const std::string& path, const supervisor_action& what) {
  const std::lock_guard lock{mutex_};
  const auto [known, is_new] = supervisors_.try_emplace(path, false);
  if (is_new) note("up " + id_in(path));
  if (std::holds_alternative<action::ready>(what)) known->second = true;
  const auto* const exit = std::get_if<action::exit>(&what);
  if (!exit) return;
  const bool was_up = known->second;
  supervisors_.erase(known);
  note(was_up ? down(id_in(path), exit->why.kind) : "failed " + id_in(path));
}

bool stage::is_live(const std::string& path) const {
  const std::lock_guard lock{mutex_};
  return supervisors_.contains(path);
}

std::string stage::path_of(const std::string& id) const {
  const std::lock_guard lock{mutex_};
  for (const auto& [path, is_up] : supervisors_) {
    if (id_in(path) == id) return path;
  }
  return {};
}

std::size_t stage::changes() const {
  const std::lock_guard lock{mutex_};
  return changes_;
}

std::string stage::take_lines() {
  const std::lock_guard lock{mutex_};
  return std::exchange(lines_, {});
}

}  // namespace oracle
