// Entities that remember, and a node whose journal is a file that a test may touch.
#pragma once

#include "journal_rig.hpp"
#include <troupe/sharding.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

using namespace std::chrono_literals;

struct listener {
  struct heard {
    std::string what;
  };
  struct all {};
  using protocol = troupe::protocol<void(heard), std::vector<std::string>(all)>;
  void on(heard m) { words.push_back(std::move(m.what)); }
  std::vector<std::string> on(all) const { return words; }
  std::vector<std::string> words;
};

/// Remembers what was said, as events.
struct diary {
  static constexpr auto name = "diary";
  static constexpr std::uint32_t snapshot_every = 5;
  struct say {
    std::string what;
  };
  struct say_to {
    actor_ref<listener> whom;
    std::string what;
  };
  struct say_and_crash {
    std::string what;
  };
  struct size {};
  struct last {};
  struct hush {
    actor_ref<listener> whom;
  };
  struct leave {};
  struct hand_over {
    actor_ref<listener> whom;
  };
  using protocol =
      troupe::protocol<int(say), int(say_to), int(say_and_crash), int(size), std::string(last),
                       void(hush), void(leave), std::vector<std::string>(hand_over)>;
  struct said {
    std::string what;
  };
  struct unknown {};
  using remembers = troupe::remembers<said>;

  int on(say m, context& ctx) {
    ctx.persist(said{std::move(m.what)});
    return count;
  }
  int on(say_to m, context& ctx) {
    ctx.tell(m.whom, listener::heard{m.what});
    ctx.persist(said{m.what});
    return count;
  }
  int on(say_and_crash m, context& ctx) {
    ctx.persist(said{std::move(m.what)});
    throw std::runtime_error("a blot");
  }
  int on(size) const { return count; }
  std::string on(last) const { return latest; }
  void on(hush m, context& ctx) { ctx.tell(m.whom, listener::heard{"hush"}); }
  void on(leave, context& ctx) { ctx.stop(); }
  later<std::vector<std::string>> on(hand_over m, context& ctx) {
    ctx.persist(said{"handed over"});
    ctx.stop();
    return ctx.delegate(m.whom, listener::all{});
  }

  void apply(const said& e) {
    ++count;
    latest = e.what;
  }

  int count = 0;
  std::string latest;
};

/// Saved as a whole.
struct note {
  static constexpr auto name = "note";
  using remembers = troupe::durable_state;
  struct write {
    std::string text;
  };
  struct get {};
  struct remind {};
  using protocol = troupe::protocol<void(write), std::string(get), void(remind)>;
  void on(write m) { text = std::move(m.text); }
  void on(remind, context& ctx) { ctx.after(60s, get{}); }
  std::string on(get) const { return text; }
  std::string text;
};

class Durable : public ::testing::Test {
 protected:
  struct member {
    troupe::node node;
    entities<diary> diaries;
    entities<note> notes;
    member(node_options o, entity_options how)
        : node(node::start(std::move(o)).value()), diaries(node, how), notes(node, how) {}
  };

  [[nodiscard]] node_options options(const std::string& name = "a") const {
    node_options o;
    o.name = name;
    o.cluster.store = "sqlite";
    o.cluster.path = (folder_.path / "cluster.db").string();
    o.cluster.poll = 5ms;
    o.journal.path = file();
    o.log.level = "off";
    o.runtime.workers = 2;
    return o;
  }
  [[nodiscard]] std::string file() const { return (folder_.path / "journal.db").string(); }
  member& start(const std::string& name = "a", entity_options how = {}) {
    nodes_[name] = std::make_unique<member>(options(name), how);
    return *nodes_[name];
  }
  void stop(const std::string& name = "a") { nodes_.erase(name); }
  member& at(const std::string& name = "a") { return *nodes_.at(name); }

  [[nodiscard]] result<int> say(const std::string& id, const std::string& what) {
    return at().diaries[id].ask(diary::say{what}, 5s).get();
  }
  /// Another hand on the journal.
  std::shared_ptr<sharding::journal> journal() {
    return sharding::sqlite_journal::open(file(), "troupe").value();
  }

 private:
  ::testing_support::temporary_folder folder_;
  std::map<std::string, std::unique_ptr<member>> nodes_;
};

}  // namespace troupe
