// Frames between named nodes: late, lost, twice, out of order, cut off.
#pragma once

#include <troupe/testing/probes.hpp>
#include <troupe/testing/simulated_process.hpp>
#include <troupe/testing/swarm.hpp>
#include <troupe/testing/trace.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace troupe::testing {

/// Frames of one pair of nodes arrive in the order in which they were sent, unless reorder says
/// otherwise. What is on its way when its connection is reset, or cut, is lost. At most
/// `most_on_the_way` frames of a pair are; more are lost. One thread.
class simulated_network {
 public:
  using receive = std::function<void(const std::string& from, const std::string& frame)>;
  using told = std::function<void(const std::string& peer)>;
  static constexpr std::uint32_t most_on_the_way = 20'000;

  simulated_network(virtual_time& time, random_source random, trace& into) noexcept
      : time_(&time), random_(random), trace_(&into) {}

  void faults(const fault_plan& plan) { plan_ = plan; }
  /// `reconnected`: the connection from here to that peer is a new one.
  void attach(const std::string& name, simulated_process& process, receive take, told reconnected);

  void send(const std::string& from, const std::string& to, std::string frame);
  /// Nothing gets through that way until then.
  void cut(const std::string& from, const std::string& to, sim_time until);
  /// What is sent that way arrives then at the earliest.
  void clog(const std::string& from, const std::string& to, sim_time until);
  void reset(const std::string& from, const std::string& to);
  void heal();
  [[nodiscard]] bool is_cut(const std::string& from, const std::string& to) const;

  /// Frames sent, lost, repeated; cuts, clogs, resets.
  [[nodiscard]] const probes& counts() const noexcept { return counts_; }

 private:
  struct node {
    simulated_process* process = nullptr;
    receive take;
    told reconnected;
  };
  struct way {
    sim_time cut_until{};
    sim_time clogged_until{};
    sim_time last_arrival{};
    std::uint64_t connection = 0;
    std::uint32_t on_the_way = 0;
  };
  void deliver(const std::string& from, const std::string& to, std::string frame);
  [[nodiscard]] sim_time arrival(way& w);

  virtual_time* time_;
  random_source random_;
  trace* trace_;
  fault_plan plan_;
  std::map<std::string, node> nodes_;
  std::map<std::pair<std::string, std::string>, way> ways_;
  probes counts_;
};

}  // namespace troupe::testing
