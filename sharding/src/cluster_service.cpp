#include "cluster_service.hpp"

#include <troupe/core/codec.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace troupe::sharding {

namespace {

using std::chrono::steady_clock;
constexpr auto extension_name = "sharding";
constexpr std::chrono::seconds report_period{1};
constexpr std::chrono::seconds gone_shown{60};
constexpr std::uint64_t status_key = 0;  // statuses keep their order, and wait behind nothing else
constexpr std::size_t most_reports = 1024;  // of peers that are no members yet, too

std::string settings_text(const sharding_options& o) {
  return "shards=" + std::to_string(o.shards) + " vnodes=" + std::to_string(o.vnodes) +
         " load_bound=" + std::to_string(o.load_bound);
}

}  // namespace

cluster_service::cluster_service(detail::node_inside& inside, bool with_journal)
    : inside_(inside), shards_(inside, regions_) {
  join(with_journal);
}

std::shared_ptr<cluster_service> cluster_service::of(const node& n, bool with_journal) {
  auto& inside = *n.inside();
  return std::static_pointer_cast<cluster_service>(inside.extend(
      extension_name, [&] { return std::make_shared<cluster_service>(inside, with_journal); }));
}

result<void> cluster_service::open_journal() {
  if (store_failure_) return *store_failure_;
  return shards_.journals().open(inside_.options());
}

// A node that could not run its entities does not own any.
void cluster_service::join(bool with_journal) {
  const auto& options = inside_.options();
  auto store = open_store(options.cluster);
  const auto journal = with_journal && store ? open_journal() : result<void>{};
  if (!store || !journal) {
    store_failure_ = store ? journal.why() : store.why();
    inside_.log().error("this node cannot join", {{"why", to_string(*store_failure_)}});
    return;
  }
  membership_config config;
  config.prefix = options.cluster.name + "/group/";
  config.self = {
      options.name,   inside_.first_incarnation(), inside_.posts().listening(), options.weight,
      options.labels, inside_.first_incarnation()};
  config.settings = settings_text(options.sharding);
  config.lease = options.cluster.lease;
  const auto members_prefix = config.prefix + "members/";
  driver_ =
      std::make_unique<membership_driver>(std::move(config), *store, inside_.log(), effects());
  shards_.begin(std::move(*store), *driver_, members_prefix);
  handle_frames();
  inside_.posts().watch([this](const std::string& other, bool reachable) {
    if (stopping_) return;
    if (reachable) {
      shards_.out().connected(other);
      (void)inside_.posts().send(other, status_frame(),
                                 {&status_key, 1});  // so that it knows: we reach it
    } else {
      const std::lock_guard lock{mutex_};
      reports_.erase(other);
    }
    driver_->wake();
  });
  driver_->start();  // last: from now on all of this is used by other threads
  report_status();
}

void cluster_service::handle_frames() {
  inside_.posts().handle(detail::frame_kind::status, [this](const std::string& from, reader& in) {
    report r;
    if (!decode(in, r)) return;
    bool first = false;
    {
      const std::lock_guard lock{mutex_};
      first = !reports_.contains(from);
      if (reports_.size() < most_reports || !first) reports_[from] = r;
    }
    if (first) driver_->wake();  // it reaches us: we may be up now
  });
}

membership_effects cluster_service::effects() {
  membership_effects e;
  e.published = [this](const publish& now, const membership& m) { published(now, m); };
  e.became = [this](std::uint64_t incarnation) { inside_.posts().set_incarnation(incarnation); };
  e.stepped = [this](const membership& m) { shards_.stepped(m); };
  e.store_changed = [this] { shards_.store_changed(); };
  e.round = [this] { return shards_.round(); };
  e.handed_over = [this] { return shards_.handed_over(); };
  e.ready = [this] { return shards_.knows_owners() || nobody_can_own(); };
  e.links_ready = [this](const membership&) {
    const std::lock_guard lock{mutex_};
    return std::ranges::all_of(members_, [this](const auto& entry) {
      const auto& [name, seen] = entry;
      // Both ways: what is told us shows that the other reaches us.
      return seen.gone_since || name == inside_.node_name() ||
             (inside_.posts().reachable(name) && reports_.contains(name));
    });
  };
  return e;
}

// We are a member, and so are only nodes without weight: there are no owners to wait for.
bool cluster_service::nobody_can_own() const {
  const auto now = placed();
  const auto weightless = [](const member& m) { return m.weight <= 0; };
  return now->agreed().find(inside_.node_name()) &&
         std::ranges::all_of(now->agreed().members, weightless);
}

// Nobody, unless we are a member: a second node of our name must not take the member's connections
// over.
std::vector<net::peer> cluster_service::peers_of(const publish& now,
                                                 const membership& machine) const {
  std::vector<net::peer> peers;
  bool member = false;
  for (const auto& [who, state] : now.records) {
    if (who.name == inside_.node_name()) {
      member = who.incarnation == machine.self().incarnation;
    } else {
      peers.push_back({who.name, who.incarnation, who.address});
    }
  }
  return member ? peers : std::vector<net::peer>{};
}

// On the driver's thread.
void cluster_service::published(const publish& now, const membership& machine) {
  inside_.posts().set_peers(peers_of(now, machine));
  remember(now.records);
  if (placed()->agreed() != now.agreed) {
    inside_.log().info("view",
                       {{"epoch", now.agreed.epoch}, {"members", now.agreed.members.size()}});
  }
  shards_.published(now);
}

void cluster_service::remember(const std::vector<member_record>& records) {
  const auto now = steady_clock::now();
  const std::lock_guard lock{mutex_};
  for (auto& [name, seen] : members_) {
    if (!seen.gone_since) seen.gone_since = now;
  }
  for (const auto& record : records) members_[record.self.name] = {record, std::nullopt};
  std::erase_if(members_, [&](const auto& entry) {
    const auto& since = entry.second.gone_since;
    if (!since) return false;
    reports_.erase(entry.first);
    return now - *since > gone_shown;
  });
}

std::shared_ptr<detail::carrier> cluster_service::entities(std::string_view type) {
  return region_of(type)->as_carrier();
}

std::string cluster_service::status_frame() const {
  report now;
  for (const auto& r : regions_.all()) now.entities += r->live();
  now.messages_per_s = messages_per_s_;
  std::string frame;
  writer out{frame};
  encode(out, detail::frame_kind::status);
  encode(out, now);
  return frame;
}

void cluster_service::report_status() {
  if (stopping_) return;
  const auto handled = inside_.messages_handled();
  messages_per_s_ = static_cast<double>(handled - std::exchange(handled_before_, handled)) /
                    std::chrono::duration<double>(report_period).count();
  const auto frame = status_frame();
  const auto now = placed();
  for (const auto& other : now->agreed().members) {
    if (other.name != inside_.node_name())
      (void)inside_.posts().send(other.name, frame, {&status_key, 1});
  }
  inside_.clockwork().call(steady_clock::now() + report_period, [this] { report_status(); });
}

result<void> cluster_service::wait_until_up(std::chrono::milliseconds timeout) const {
  if (store_failure_) return *store_failure_;
  const auto until = steady_clock::now() + timeout;
  return driver_->wait_until_serving(until);
}

void cluster_service::leave() {
  std::call_once(left_, [this] {
    if (drained_) return;
    const auto done = drain(inside_.options().cluster.drain_timeout);
    if (done.left != 0)
      inside_.log().warn("shards were not handed over in time: what their entities knew is lost",
                         {{"shards", done.left}});
  });
}

drain_report cluster_service::drain(std::chrono::milliseconds patience) {
  const auto until = steady_clock::now() + patience;
  drain_report done;
  if (!driver_) return done;
  drained_ = true;
  const auto before = shards_.held();
  driver_->leave(patience);
  done.left = driver_->state() == member_state::gone ? 0 : shards_.held();
  done.moved = before - std::min(before, done.left);
  done.sent =
      shards_.out().wait_until_empty(std::max(until, steady_clock::now() + active_lanes::tick));
  return done;
}

void cluster_service::stop() {
  // Leaving first: others take over while what is still here is answered.
  leave();
  stopping_ = true;
  shards_.stop();
  for (const auto& r : regions_.all()) r->close();
  inside_.posts().handle(detail::frame_kind::status, nullptr);
  if (driver_) driver_->stop();  // also when the store kept it from leaving in time
}

member_status cluster_service::status_of(const seen_member& seen, const placement& now,
                                         std::uint64_t entities_here) const {
  const auto& who = seen.record.self;
  member_status m{who.name,
                  seen.gone_since ? member_state::gone : seen.record.state,
                  who.incarnation,
                  who.address,
                  who.labels,
                  who.weight,
                  0,
                  0,
                  0,
                  false};
  if (seen.gone_since) return m;
  m.shards = now.shards_of(who.name);
  if (who.name == inside_.node_name()) {
    m.entities = entities_here;
    m.messages_per_s = messages_per_s_;
  } else if (const auto said = reports_.find(who.name); said != reports_.end()) {
    m.entities = said->second.entities;
    m.messages_per_s = said->second.messages_per_s;
  }
  m.reachable = who.name == inside_.node_name() ? serving() : inside_.posts().reachable(who.name);
  return m;
}

cluster_status cluster_service::status() const {
  const auto now = placed();
  cluster_status s;
  s.node = inside_.node_name();
  s.state = driver_ ? driver_->state() : member_state::joining;
  s.serving = serving();
  s.epoch = now->agreed().epoch;
  s.shards = inside_.options().sharding.shards;
  s.misplaced = now->misplaced();
  s.ring = now->by->tokens.tokens();
  for (const auto& m : now->agreed().members) s.ring_members.push_back(m.name);
  std::uint64_t entities_here = 0;
  for (const auto& r : regions_.all()) entities_here += r->live();
  const std::lock_guard lock{mutex_};
  for (const auto& [name, seen] : members_)
    s.members.push_back(status_of(seen, *now, entities_here));
  return s;
}

}  // namespace troupe::sharding
