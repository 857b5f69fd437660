// A chat node below troupe_supervise, to be killed, and how soon its store knows.
#pragma once

#include "processes.hpp"
#include <troupe/sharding/coordination_store.hpp>

#include <chrono>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace troupe::sharding {

/// Runs while it lives: node n1 of cluster "c".
class supervised_node {
 public:
  /// `settings`: of the store, "cluster.store=sqlite". `options`: of troupe_supervise.
  explicit supervised_node(const std::vector<std::string>& settings,
                           const std::vector<std::string>& options = {})
      : parent_(command(settings, options)) {}

  [[nodiscard]] chat::demo::process& parent() { return parent_; }

  /// Waits until the store has the node's key; 0 after 20 s.
  static revision wait_joined(coordination_store& store) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (std::chrono::steady_clock::now() < until) {
      const auto all = store.read("c/");
      if (all && has_member(*all) && all->keys.contains("c/group/view")) return all->at;
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    return 0;
  }

  /// The process of the node itself; waits for another than `old`.
  [[nodiscard]] pid_t node(pid_t old = 0) const {
    const std::string pid = std::to_string(parent_.pid());
    for (int tries = 0; tries < 500; ++tries) {
      pid_t child = 0;
      std::ifstream{"/proc/" + pid + "/task/" + pid + "/children"} >> child;
      if (child != 0 && child != old) return child;
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    throw std::runtime_error{"troupe_supervise has no child"};
  }

  /// SIGKILL; how long it takes another user of the store, who waits, to see the member gone.
  [[nodiscard]] std::chrono::microseconds kill_and_watch(coordination_store& watching) const {
    using clock = std::chrono::steady_clock;
    revision seen = watching.read("c/").value().at;
    const lease_id life = life_of(watching.read("c/group/members/").value());
    static_cast<void>(watching.wait_for_change(seen, std::chrono::milliseconds{300}).ok());
    const auto killed = clock::now();
    ::kill(node(), SIGKILL);
    while (clock::now() - killed < std::chrono::seconds{20}) {
      const auto changed = watching.wait_for_change(seen, std::chrono::seconds{1});
      const auto all = watching.read("c/group/members/");
      if (all && life_of(*all) != life) break;  // gone, or already another
      if (changed) seen = *changed;
    }
    return std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - killed);
  }

 private:
  static bool has_member(const store_snapshot& all) {
    return all.keys.contains("c/group/members/n1");
  }

  /// The lease of its key, another in each life; 0: it has none.
  static lease_id life_of(const store_snapshot& all) {
    return has_member(all) ? all.keys.at("c/group/members/n1").lease : 0;
  }

  static chat::demo::command command(const std::vector<std::string>& settings,
                                     const std::vector<std::string>& options) {
    chat::demo::command out{{TROUPE_SUPERVISE}, "/dev/null"};
    out.words.insert(out.words.end(), options.begin(), options.end());
    for (const char* word : {"--", CHAT_NODE, "--http", "127.0.0.1:0"})
      out.words.emplace_back(word);
    for (const std::string set : {"node.name=n1", "cluster.name=c", "cluster.lease=10s"}) {
      out.words.insert(out.words.end(), {"--set", set});
    }
    for (const std::string& set : settings) out.words.insert(out.words.end(), {"--set", set});
    return out;
  }

  chat::demo::process parent_;
};

}  // namespace troupe::sharding
