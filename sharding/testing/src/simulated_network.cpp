#include <troupe/testing/simulated_network.hpp>

#include <algorithm>
#include <utility>

namespace troupe::testing {

void simulated_network::attach(const std::string& name, simulated_process& process, receive take,
                               told reconnected) {
  nodes_[name] = {&process, std::move(take), std::move(reconnected)};
}

void simulated_network::send(const std::string& from, const std::string& to, std::string frame) {
  counts_.hit("frames sent");
  if (random_.chance(plan_.loss)) return counts_.hit("frames lost");
  if (random_.chance(plan_.duplication)) {
    counts_.hit("frames repeated");
    deliver(from, to, frame);
  }
  deliver(from, to, std::move(frame));
}

sim_time simulated_network::arrival(way& w) {
  auto delay = random_.exponential(plan_.delay);
  if (random_.chance(plan_.slow)) delay *= 10;
  const auto at = std::max(time_->now() + delay, w.clogged_until);
  if (random_.chance(plan_.reorder)) return at;
  w.last_arrival = std::max(at, w.last_arrival);
  return w.last_arrival;
}

void simulated_network::deliver(const std::string& from, const std::string& to, std::string frame) {
  const auto target = nodes_.find(to);
  auto& w = ways_[{from, to}];
  const bool lost = target == nodes_.end() || !target->second.process->running() ||
                    time_->now() < w.cut_until || w.on_the_way >= most_on_the_way;
  if (lost) return counts_.hit("frames lost");
  ++w.on_the_way;
  const auto life = target->second.process->life();
  time_->at(arrival(w), [this, &w, &n = target->second, from, life, connection = w.connection,
                         frame = std::move(frame)]() mutable {
    --w.on_the_way;
    const bool same = connection == w.connection && n.process->life() == life;
    if (!same || time_->now() < w.cut_until) return counts_.hit("frames lost");
    trace_->add(time_->now(), "frame", frame.size(), w.connection);
    n.process->plan(time_->now(), [&n, from, frame = std::move(frame)] { n.take(from, frame); });
  });
}

void simulated_network::cut(const std::string& from, const std::string& to, sim_time until) {
  counts_.hit("cuts");
  trace_->add(time_->now(), "cut");
  ways_[{from, to}].cut_until = until;
}

void simulated_network::clog(const std::string& from, const std::string& to, sim_time until) {
  counts_.hit("clogs");
  ways_[{from, to}].clogged_until = until;
}

void simulated_network::reset(const std::string& from, const std::string& to) {
  counts_.hit("resets");
  trace_->add(time_->now(), "reset");
  auto& w = ways_[{from, to}];
  ++w.connection;
  w.last_arrival = {};
  const auto n = nodes_.find(from);
  if (n == nodes_.end()) return;
  n->second.process->plan(time_->now(), [&n = n->second, to] { n.reconnected(to); });
}

void simulated_network::heal() {
  for (auto& [ends, w] : ways_) w.cut_until = w.clogged_until = {};
}

bool simulated_network::is_cut(const std::string& from, const std::string& to) const {
  const auto w = ways_.find({from, to});
  return w != ways_.end() && time_->now() < w->second.cut_until;
}

}  // namespace troupe::testing
