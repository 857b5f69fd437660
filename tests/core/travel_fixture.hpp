// Nodes that know each other, and entities that a test moves between them.
#pragma once

#include "gate.hpp"
#include "inside.hpp"
#include "journal.hpp"
#include "runtime/arriving_cell.hpp"
#include "runtime/cell.hpp"
#include "runtime/luggage.hpp"
#include "runtime/travelling_cell.hpp"
#include <troupe/core.hpp>
#include <troupe/core/detail/travel.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::runtime {

using namespace std::chrono_literals;

/// Three nodes with connections each way.
class three_nodes : public ::testing::Test {
 protected:
  /// `workers` of the first; 0: as many as a node has by itself.
  explicit three_nodes(std::uint32_t workers = 0) : a(start("a", workers)) {
    connect(a, {&b, &c});
    connect(b, {&a, &c});
    connect(c, {&a, &b});
  }
  static node start(const char* name, std::uint32_t workers = 0) {
    node_options options;
    options.name = name;
    options.runtime.workers = workers;
    options.log.level = "off";
    return node::start(options).value();
  }
  void connect(node& from, const std::vector<node*>& to) {
    auto& posts = from.inside()->posts();
    auto& up = up_.emplace_back();
    posts.watch([&up](const std::string&, bool now) {
      if (now) (void)up.fetch_add(1);
    });
    std::vector<net::peer> peers;
    for (auto* one : to) {
      peers.push_back({one->options().name, one->inside()->first_incarnation(), one->listening()});
    }
    posts.set_peers(peers);
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (up.load() < static_cast<int>(to.size())) {
      ASSERT_LT(std::chrono::steady_clock::now(), give_up);
      std::this_thread::yield();
    }
  }

 private:
  std::deque<std::atomic<int>> up_;

 protected:
  node a, b = start("b"), c = start("c");
};

template <class T>
detail::recipe recipe_of() {
  detail::recipe how;
  how.type = &detail::behaviour_of<T>;
  how.construct = [](std::string_view, void* where) { ::new (where) T(); };
  how.policy = [] { return [](const crash_report&) { return crash_verdict::restart; }; };
  detail::teach_to_travel<T>(how);
  return how;
}

/// Where entities of one type live on one node. What is left over when one ends is kept.
template <class T>
class home final : public cell_owner {
 public:
  explicit home(node& n)
      : inside_(*n.inside()), how_(recipe_of<T>()), kind_(&inside_.make_kind(how_, *this)) {}

  [[nodiscard]] cell_ptr make(std::string_view id) { return live(cell::make_entity(*kind_, id)); }
  [[nodiscard]] cell_ptr bring(std::string_view id, luggage what) {
    return live(arriving_cell::arrive(*kind_, id, inside_, std::move(what)));
  }
  [[nodiscard]] cell_ptr receive(std::string_view id, luggage what) {
    auto made = bring(id, std::move(what));
    arriving_cell::launch(*made);
    return made;
  }
  void ended(cell& which, const exit_reason& why, detail::envelope* leftover) override {
    if (const auto number = which.known_number()) inside_.registry().forget(number);
    std::vector<detail::envelope_ptr> left;
    while (leftover) {
      detail::envelope_ptr one{std::exchange(leftover, leftover->next)};
      if (one->what->on == detail::lane::user) left.push_back(std::move(one));
    }
    const std::lock_guard lock{mutex_};
    left_ = std::move(left);
    why_ = why;
    over_.set_value();
  }
  /// Waits for the next end, and gives what was left over.
  std::vector<detail::envelope_ptr> wait_for_end() {
    EXPECT_EQ(over_.get_future().wait_for(20s), std::future_status::ready);
    const std::lock_guard lock{mutex_};
    over_ = {};
    return std::move(left_);
  }
  [[nodiscard]] const exit_reason& why() const noexcept { return why_; }

 private:
  static cell_ptr live(cell_ptr made) {
    cell_ptr kept = made;
    (void)made.release();  // its life
    return kept;
  }

  detail::node_inside& inside_;
  const detail::recipe how_;
  const kind* kind_;
  std::mutex mutex_;
  std::promise<void> over_;
  std::vector<detail::envelope_ptr> left_;
  exit_reason why_;
};

template <class T>
actor_ref<T> ref_to(const cell_ptr& one) {
  return actor_ref<T>{detail::route{one}};
}

using frozen = std::future<result<luggage>>;

/// For a shard, "#1", whoever owns it.
inline frozen freeze(const cell_ptr& one, const node& from, std::string to = "#1",
                     std::chrono::nanoseconds patience = 20s) {
  auto told = std::make_shared<std::promise<result<luggage>>>();
  auto outcome = told->get_future();
  travelling_cell::freeze(
      *one, {*from.inside(), std::move(to)}, std::chrono::steady_clock::now() + patience,
      [told](cell&, result<luggage> packed) { told->set_value(std::move(packed)); });
  return outcome;
}

/// As it comes out on the other side of a connection.
inline luggage sent(const luggage& packed) {
  std::string bytes;
  writer out{bytes};
  encode(out, packed);
  luggage read;
  reader in{bytes};
  EXPECT_TRUE(decode(in, read));
  return read;
}

}  // namespace troupe::runtime
