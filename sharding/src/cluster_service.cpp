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

cluster_service::cluster_service(detail::node_inside& inside)
    : inside_(inside),
      gates_(inside.options().sharding.shards),
      lanes_(
          inside, inside.first_incarnation(), gates_.size(),
          [this](const lane_head& head, std::string_view body) {
            return arrivals_.take(inside_.node_name(), head, body);
          },
          [this](shard_id shard) { return placed()->record_of(shard); }),
      arrivals_(inside, gates_, questions()),
      mover_(inside, gates_, lanes_, moving()) {
  inside.asks().before_expiry([this](const std::string& shard) { lanes_.expire(shard); });
  join();
}

std::shared_ptr<cluster_service> cluster_service::of(const node& n) {
  auto& inside = *n.inside();
  return std::static_pointer_cast<cluster_service>(inside.extend(
      extension_name, [&inside] { return std::make_shared<cluster_service>(inside); }));
}

void cluster_service::join() {
  const auto& options = inside_.options();
  auto store = open_store(options.cluster);
  if (!store) {
    store_failure_ = store.why();
    inside_.log().error("this node cannot join", {{"why", to_string(store.why())}});
    return;
  }
  membership_config config;
  config.prefix = options.cluster.name + "/group/";
  config.self = {
      options.name,   inside_.first_incarnation(), inside_.posts().listening(), options.weight,
      options.labels, inside_.first_incarnation()};
  config.settings = settings_text(options.sharding);
  config.lease = options.cluster.lease;
  ownership_config owning;
  owning.prefix = options.cluster.name + "/";
  owning.members_prefix = config.prefix + "members/";
  owning.self = options.name;
  owning.sharding = options.sharding;
  owning.wall_offset = std::chrono::system_clock::now().time_since_epoch() - machine_clock().now();
  owning_ = std::make_unique<ownership_driver>(std::move(owning), *store, inside_.log(),
                                               owning_effects());
  driver_ = std::make_unique<membership_driver>(std::move(config), std::move(*store), inside_.log(),
                                                effects());
  handle_frames();
  inside_.posts().watch([this](const std::string& other, bool reachable) {
    if (stopping_) return;
    if (reachable) {
      lanes_.connected(other);
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
  inside_.posts().handle(
      detail::frame_kind::to_entity,
      [this](const std::string& from, reader& in) { arrivals_.received(from, in); });
  inside_.posts().handle(detail::frame_kind::lane_answers, [this](const std::string&, reader& in) {
    lane_answers answers;
    if (decode(in, answers)) lanes_.answered(answers);
  });
  inside_.posts().handle(detail::frame_kind::handoff, [this](const std::string& from, reader& in) {
    handoff_word word;
    if (decode(in, word)) happened(word_heard{from, std::move(word)});
  });
  inside_.posts().handle(detail::frame_kind::cargo, [this](const std::string& from, reader& in) {
    mover_.received(from, in);
  });
  inside_.posts().handle(detail::frame_kind::status, [this](const std::string& from, reader& in) {
    report r;
    if (!decode(in, r)) return;
    const std::lock_guard lock{mutex_};
    if (reports_.size() < most_reports || reports_.contains(from)) reports_[from] = r;
  });
}

membership_effects cluster_service::effects() {
  membership_effects e;
  e.published = [this](const publish& now, const membership& m) { published(now, m); };
  e.became = [this](std::uint64_t incarnation) { inside_.posts().set_incarnation(incarnation); };
  e.stopped_serving = [](const std::string&) {};
  e.stepped = [this](const membership& m) { stepped(m); };
  e.store_changed = [this] { owning_->look(); };
  e.round = [this](lease_time) {
    const auto due = owning_->round();
    held_ = owning_->machine().holds();
    unsettled_ = owning_->machine().unsettled();
    return due;
  };
  e.handed_over = [this] { return handed_over(); };
  e.ready = [this] { return knows_owners(); };
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

ownership_effects cluster_service::owning_effects() {
  ownership_effects e;
  e.say = [this](const say_to& a) { say(a.node, a.word); };
  e.pack = [this](const pack_cells& a) { mover_.pack(a); };
  e.ship = [this](const ship_cells& a) { mover_.ship(a); };
  e.unpack = [this](const unpack_cells& a) { mover_.unpack(a); };
  e.drop = [this](const drop_cells& a) { mover_.drop(a); };
  e.drop_cargo = [this](const drop_cargo& a) { mover_.drop_cargo(a.shard, a.move); };
  e.serve = [this](const serve_shard& a) { mover_.serve(a); };
  e.routed = [this](const auto& news) { routed(news); };
  return e;
}

arrival_questions cluster_service::questions() {
  arrival_questions q;
  q.admits = [this] { return driver_->admitting(); };
  q.is_member = [this](std::uint64_t process) { return is_member(process); };
  q.unpack = [this](const std::string& from, const entity_body& what) {
    if (const auto target = known_region(what.type)) return target->unpack(from, what);
    return unknown_type(from, what);
  };
  q.hand_over = [](arriving& a) { return a.where ? a.where->take(a) : std::move(a.refusal); };
  q.record_of = [this](shard_id shard) { return placed()->record_of(shard); };
  q.look_for_newer_view = [this] { driver_->wake(); };
  return q;
}

mover_links cluster_service::moving() {
  mover_links m;
  m.regions = [this] { return all_regions(); };
  m.region_of = [this](std::string_view type) { return known_region(type); };
  m.happened = [this](ownership_event what) { happened(std::move(what)); };
  m.say = [this](const std::string& to, const handoff_word& word) { say(to, word); };
  return m;
}

void cluster_service::happened(ownership_event what) {
  driver_->soon([this, what = std::move(what)]() mutable { owning_->happened(std::move(what)); });
}

void cluster_service::say(const std::string& to, const handoff_word& word) {
  std::string frame;
  writer out{frame};
  encode(out, detail::frame_kind::handoff);
  encode(out, word);
  // Behind the cargo of its shard. What is lost is said again, or given up in time.
  const std::uint64_t key = word.shard;
  (void)inside_.posts().give(to, std::move(frame), {&key, 1});
}

void cluster_service::stepped(const membership& machine) {
  const lease_known now{machine.serve_until(), machine.self().incarnation};
  const bool same =
      now.serve_until == told_lease_.serve_until && now.incarnation == told_lease_.incarnation;
  if (same) return;
  told_lease_ = now;
  owning_->happened(now);
}

bool cluster_service::handed_over() const {
  return owning_->machine().holds() == 0 || placed()->agreed.members.empty();
}

bool cluster_service::is_member(std::uint64_t process) const {
  const auto known = processes_.load();
  return process == inside_.first_incarnation() || (known && known->contains(process));
}

// On the driver's thread, which is the only one that changes the placement.
void cluster_service::published(const publish& now, const membership& machine) {
  inside_.posts().set_peers(peers_of(now, machine));
  remember(now.records);
  members_known known;
  known.agreed = now.agreed;
  for (const auto& record : now.records) {
    const auto& name = record.self.name;
    known.members[name] = {record.self.incarnation, now.modified.at(name)};
  }
  const auto before = placed();
  if (before->agreed != now.agreed) {
    auto next = std::make_shared<placement>(now.agreed, inside_.options().sharding);
    next->records = before->records;
    next->records.resize(gates_.size());
    placement_.store(next);
    inside_.log().info("view",
                       {{"epoch", now.agreed.epoch}, {"members", now.agreed.members.size()}});
  }
  owning_->happened(std::move(known));
}

void cluster_service::routed(const std::map<shard_id, shard_record>& news) {
  auto next = std::make_shared<placement>(*placed());
  next->records.resize(gates_.size());
  for (const auto& [shard, record] : news) next->records[shard] = record;
  const bool all = std::ranges::all_of(next->records, [](const auto& r) { return r.epoch != 0; });
  placement_.store(next);
  if (all && !next->agreed.members.empty()) knows_owners_ = true;
  for (const auto& [shard, record] : news) {
    (void)lanes_.routed(shard, record);
    arrivals_.tell_moved(shard, record);
  }
}

void cluster_service::remember(const std::vector<member_record>& records) {
  const auto now = steady_clock::now();
  const std::lock_guard lock{mutex_};
  for (auto& [name, seen] : members_) {
    if (!seen.gone_since) seen.gone_since = now;
  }
  auto processes = std::make_shared<std::set<std::uint64_t>>();
  if (const auto before = processes_.load()) *processes = *before;
  for (const auto& record : records) {
    members_[record.self.name] = {record, std::nullopt};
    processes->insert(record.self.process);
  }
  processes_.store(std::move(processes));
  std::erase_if(members_, [&](const auto& entry) {
    const auto& since = entry.second.gone_since;
    if (!since) return false;
    reports_.erase(entry.first);
    return now - *since > gone_shown;
  });
}

std::vector<std::shared_ptr<region>> cluster_service::all_regions() const {
  const std::lock_guard lock{mutex_};
  std::vector<std::shared_ptr<region>> all;
  for (const auto& [type, r] : regions_) all.push_back(r);
  return all;
}

std::shared_ptr<region> cluster_service::region_of(std::string_view type) {
  const std::lock_guard lock{mutex_};
  const auto found = regions_.find(type);
  if (found != regions_.end()) return found->second;
  return regions_[std::string{type}] = std::make_shared<region>(*this, std::string{type});
}

// A peer must not be able to make regions of any name.
std::shared_ptr<region> cluster_service::known_region(std::string_view type) const {
  const std::lock_guard lock{mutex_};
  const auto found = regions_.find(type);
  return found != regions_.end() ? found->second : nullptr;
}

std::shared_ptr<detail::carrier> cluster_service::entities(std::string_view type) {
  return region_of(type)->as_carrier();
}

arriving cluster_service::unknown_type(const std::string& from, const entity_body& what) {
  arriving a;
  const error why{errc::unknown_type, inside_.node_name() + " runs no " + std::string{what.type}};
  a.refusal = [this, from, head = what.head, why, type = std::string{what.type},
               id = std::string{what.id}] {
    if (from != inside_.node_name()) return head.refuse(inside_, from, why, {type, id});
    inside_.events().lost({type, id}, nullptr, why);
    if (const auto sink = inside_.asks().withdraw(head.request)) sink->fail(why);
  };
  return a;
}

std::string cluster_service::status_frame() const {
  report now;
  for (const auto& r : all_regions()) now.entities += r->live();
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
  for (const auto& other : now->agreed.members) {
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

drain_report cluster_service::drain(std::chrono::milliseconds patience) {
  const auto until = steady_clock::now() + patience;
  drain_report done;
  if (!driver_) return done;
  const auto before = held_.load();
  driver_->leave(patience);
  done.left = driver_->state() == member_state::gone ? 0 : held_.load();
  done.moved = before - std::min<std::size_t>(before, done.left);
  done.sent = lanes_.wait_until_empty(std::max(until, steady_clock::now() + lanes::tick));
  return done;
}

void cluster_service::stop() {
  // Leaving first: others take over while what is still here is answered.
  (void)drain(inside_.options().cluster.lease);
  stopping_ = true;
  lanes_.stop();
  for (const auto& r : all_regions()) r->close();
  for (const auto kind :
       {detail::frame_kind::to_entity, detail::frame_kind::lane_answers,
        detail::frame_kind::handoff, detail::frame_kind::cargo, detail::frame_kind::status}) {
    inside_.posts().handle(kind, nullptr);
  }
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
  s.epoch = now->agreed.epoch;
  s.shards = inside_.options().sharding.shards;
  s.misplaced = now->misplaced();
  s.ring = now->tokens.tokens();
  for (const auto& m : now->agreed.members) s.ring_members.push_back(m.name);
  std::uint64_t entities_here = 0;
  for (const auto& r : all_regions()) entities_here += r->live();
  const std::lock_guard lock{mutex_};
  for (const auto& [name, seen] : members_)
    s.members.push_back(status_of(seen, *now, entities_here));
  return s;
}

}  // namespace troupe::sharding
