#include "simulated_clients.hpp"

#include <map>
#include <set>

namespace troupe::testing {

using namespace std::chrono_literals;
using sharding::promise;

namespace {

register_model::operation for_model(const asked_command& a, const register_model*) {
  using kind = register_model::kind;
  register_model::operation o;
  o.known = a.returned != never;
  switch (a.what.is) {
    case command_kind::write: o.is = kind::write; break;
    case command_kind::compare_and_set: o.is = kind::compare_and_set; break;
    default: o.is = kind::read; break;
  }
  o.value = o.is == kind::read ? a.answer.value : register_model::state{a.what.value};
  o.expected = a.what.expected;
  o.changed = a.answer.changed;
  return o;
}

log_model::operation for_model(const asked_command& a, const log_model*) {
  using kind = log_model::kind;
  return {a.what.is == command_kind::append ? kind::append : kind::read, a.what.value,
          a.returned != never, log_contents{a.answer.size, a.answer.digest}};
}

bool is_log(std::uint32_t entity) {
  return entity % 2 == 1;
}

}  // namespace

void simulated_clients::start() {
  for (const auto& n : *nodes_) next_of(*n);
}

void simulated_clients::next_of(simulated_node& node) {
  const auto pause = random_.exponential(world_->size.between_commands);
  world_->time.after(pause, [this, &node] {
    if (stopped_) return;
    const auto kind = random_.chance(percent(40)) ? promise::reliable : promise::tell;
    if (node.process().running() && !node.process().paused()) issue(node, draw(), kind);
    next_of(node);
  });
}

command simulated_clients::draw() {
  command what;
  what.entity = static_cast<std::uint32_t>(random_.below(world_->size.entities));
  const auto dice = random_.below(10);
  if (is_log(what.entity)) {
    what.is = dice < 7 ? command_kind::append : command_kind::read_log;
  } else {
    what.is = dice < 4   ? command_kind::read
              : dice < 7 ? command_kind::write
                         : command_kind::compare_and_set;
  }
  what.expected = static_cast<std::int64_t>(random_.below(4));
  what.asked = !changes(what.is) || random_.chance(percent(70));
  return what;
}

void simulated_clients::issue(simulated_node& node, command what, promise kind) {
  what.id = ++last_id_;
  what.from = node.name();
  // A log's values are all different, a register's few, so that compare_and_set can succeed.
  what.value = static_cast<std::int64_t>(is_log(what.entity) ? what.id : what.id % 4);
  world_->log.add(world_->time.now(), "command", what.id, what.entity);
  auto& asked = world_->commands[what.id];
  asked.what = what;
  asked.invoked = world_->tick();
  if (!node.send(what, kind, 5s)) asked.refused = true;
}

void simulated_clients::read_all() {
  for (std::uint32_t e = 0; e < world_->size.entities; ++e) {
    command what;
    what.entity = e;
    what.is = is_log(e) ? command_kind::read_log : command_kind::read;
    what.asked = true;
    issue(*(*nodes_)[e % nodes_->size()], what, promise::reliable);
    if (!world_->commands[last_id_].refused) final_reads_.push_back(last_id_);
  }
}

std::size_t simulated_clients::unanswered_reads() const {
  std::size_t sum = 0;
  for (const auto id : final_reads_) sum += world_->commands.at(id).returned == never ? 1 : 0;
  return sum;
}

std::uint64_t simulated_clients::answered() const {
  std::uint64_t sum = 0;
  for (const auto& [id, a] : world_->commands) sum += a.returned != never ? 1 : 0;
  return sum;
}

// An entity whose state can be lost is another object in each life. A reliable command can happen
// in more than one.
template <class Model>
std::size_t simulated_clients::check(bool logs) {
  std::map<std::uint32_t, std::set<std::uint64_t>> lives;
  for (const auto& [id, a] : world_->commands) {
    if (a.returned != never) lives[a.what.entity].insert(a.answer.life);
  }
  std::vector<performed<typename Model::operation>> history;
  for (const auto& [id, a] : world_->commands) {
    if (is_log(a.what.entity) != logs || a.refused) continue;
    const bool open = a.returned == never;
    if (open && !changes(a.what.is)) continue;
    const auto what = for_model(a, static_cast<const Model*>(nullptr));
    const auto key = [&](std::uint64_t life) {
      return "entity " + std::to_string(a.what.entity) + " in life " + std::to_string(life);
    };
    if (!open) history.push_back({key(a.answer.life), what, a.invoked, a.returned});
    auto again = what;
    again.known = false;
    for (const auto life : lives[a.what.entity]) {
      const bool also = open || life != a.answer.life;
      if (also && world_->happened.contains({life, id}))
        history.push_back({key(life), again, a.invoked, never});
    }
  }
  const auto checked = check_linearizable<Model>(history, {100'000, 50'000});
  if (checked.is == verdict::not_linearizable) {
    world_->violation(checked.key + " is not linearizable");
    if (world_->log.keeps()) explain(std::stoul(checked.key.substr(7)));
  }
  return checked.is == verdict::unknown ? 1 : 0;
}

void simulated_clients::explain(std::uint64_t entity) {
  for (const auto& [id, a] : world_->commands) {
    if (a.what.entity != entity) continue;
    const auto end = a.refused             ? "refused"
                     : a.returned == never ? "open"
                                           : std::to_string(a.returned);
    world_->log.note(world_->time.now(),
                     std::to_string(a.invoked) + ".." + end + " " + a.what.from + " command " +
                         std::to_string(id) + " kind " + std::to_string(int(a.what.is)) +
                         " value " + std::to_string(a.what.value) + " seen " +
                         std::to_string(a.answer.value.value_or(-1)) + "/" +
                         std::to_string(a.answer.size) + "/" + std::to_string(a.answer.digest) +
                         (a.what.asked ? "" : " tell") + " life " + std::to_string(a.answer.life));
  }
}

std::size_t simulated_clients::check() {
  return check<register_model>(false) + check<log_model>(true);
}

}  // namespace troupe::testing
