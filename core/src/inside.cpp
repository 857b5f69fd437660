#include "inside.hpp"

#include "runtime/kept_cell.hpp"
#include <troupe/core/config.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <string_view>
#include <thread>
#include <utility>

namespace troupe::detail {

namespace {

std::uint64_t draw_incarnation() {
  std::random_device entropy;
  return (static_cast<std::uint64_t>(entropy()) << 32 | entropy()) | 1;  // never 0
}

std::uint32_t worker_count(const runtime_options& options) {
  return options.workers ? options.workers : std::max(2u, std::thread::hardware_concurrency());
}

}  // namespace

result<std::shared_ptr<node_inside>> node_inside::start(node_options options) {
  if (auto checked = check(options); !checked) return checked.why();
  auto inside = std::make_shared<node_inside>(std::move(options));
  auto office = post::open(inside->options_, inside->incarnation_, inside->log_, *inside);
  if (!office) return office.why();
  inside->post_ = std::move(*office);
  inside->actors_.listen();
  inside->post_->handle(
      frame_kind::answer,
      [i = inside.get()](const std::string& from, reader& in) { i->requests_.answered(from, in); });
  inside->post_->watch([i = inside.get()](const std::string& node, bool reachable) {
    if (!reachable) i->requests_.lost(node);
  });
  inside->hosts_->serve_when_idle(inside->post_->loop());
  inside->log_.info("node started", {{"listen", to_string(inside->post_->listening())}});
  return inside;
}

node_inside::node_inside(node_options options)
    : options_(std::move(options)),
      log_(options_.name, options_.log),
      incarnation_(draw_incarnation()),
      events_(std::make_shared<runtime::event_hub>(log_)),
      clock_(16),
      crashes_(log_, clock_),
      pools_(options_.pools, {log_, *events_}),
      hosts_(std::make_unique<runtime::hosts>(
          worker_count(options_.runtime),
          [this](const runtime::kind& of, std::chrono::milliseconds so_far) {
            report_long_handler(of, so_far);
          })),
      requests_(clock_),
      actors_(*this),
      kinds_({.services = this,
              .home = hosts_.get(),
              .owner = &actors_,
              .node = options_.name,
              .mailbox = options_.runtime.mailbox}) {}

node_inside::~node_inside() = default;

void node_inside::stop() {
  {
    const std::scoped_lock lock{making_mutex_, extensions_mutex_};
    if (std::exchange(stopped_, true)) return;
  }
  for (auto it = extensions_.rbegin(); it != extensions_.rend(); ++it) it->second->stop();
  actors_.stop_all();
  pools_.close();
  post_->close();
  requests_.close();
  clock_.close();
  crashes_.close();
  hosts_->stop();
  ways_.close();
  log_.info("node stopped");
}

route node_inside::start_actor(birth&& birth) {
  const auto& kind = kinds_.of(*birth.type);
  return route{actors_.start_root(kind, std::move(birth))};
}

runtime::cell_ptr node_inside::make_child(runtime::cell& parent, birth birth) {
  return runtime::cell::make_actor(kinds_.of(*birth.type), std::move(birth), child_of(parent));
}

runtime::cell_ptr node_inside::make_kept_child(runtime::cell& parent, birth birth) {
  return runtime::kept_cell::make(kinds_.of(*birth.type), std::move(birth), child_of(parent));
}

route node_inside::actor(place where) {
  return actors_.way_to(std::move(where), {shared_from_this(), &actors_});
}

std::shared_ptr<extension> node_inside::extend(
    const std::string& name, const std::function<std::shared_ptr<extension>()>& make) {
  const std::lock_guard making{making_mutex_};
  {
    const std::lock_guard lock{extensions_mutex_};
    for (const auto& [known, it] : extensions_) {
      if (known == name) return it;
    }
    if (stopped_) return nullptr;
  }
  auto made = make();
  const std::lock_guard lock{extensions_mutex_};
  return extensions_.emplace_back(name, std::move(made)).second;
}

std::shared_ptr<carrier> node_inside::entities(std::string_view type) {
  return ways_.to(type, [&]() -> std::shared_ptr<carrier> {
    const std::lock_guard lock{extensions_mutex_};
    for (const auto& [name, it] : extensions_) {
      if (auto found = it->entities(type)) return found;
    }
    return nullptr;
  });
}

std::vector<behaviour_account> node_inside::costs() {
  std::map<std::string_view, behaviour_account> by_name;
  for (const auto* k : kinds_.all()) {
    auto& sum = by_name[k->type->name];
    const auto one = hosts_->account_of(*k);
    sum.messages += one.messages;
    sum.busy += one.busy;
    sum.waited += one.waited;
    sum.bytes_in += one.bytes_in;
    sum.bytes_out += one.bytes_out;
  }
  std::vector<behaviour_account> all;
  for (auto& [name, sum] : by_name) {
    sum.behaviour = name;
    all.push_back(std::move(sum));
  }
  return all;
}

std::uint64_t node_inside::messages_handled() {
  std::uint64_t sum = 0;
  for (const auto* k : kinds_.all()) sum += hosts_->account_of(*k).messages;
  return sum;
}

void node_inside::report_long_handler(const runtime::kind& of, std::chrono::milliseconds so_far) {
  log_.warn("a handler runs long; work that blocks or computes belongs in a pool",
            {{"behaviour", of.type->name}, {"so_far_ms", so_far.count()}});
  if (events_->heard()) events_->tell(long_handler{std::string{of.type->name}, so_far});
}

void node_inside::report_crash(const crash_report& report, const crash_decision& decision) {
  // What its supervisor does about it is told by that one, in one record with the crash.
  if (decision.verdict != crash_verdict::held) {
    crashes_.write(report, decision, std::chrono::steady_clock::now());
  }
  if (!events_->heard()) return;
  events_->tell(actor_crashed{std::string{report.behaviour}, std::string{report.id},
                              std::string{report.message}, report.what, decision});
}

}  // namespace troupe::detail
