#include "shard_service.hpp"

#include "membership_driver.hpp"
#include "pinning.hpp"
#include <troupe/core/codec.hpp>

#include <algorithm>
#include <thread>
#include <utility>

namespace troupe::sharding {

namespace {

constexpr std::chrono::milliseconds lanes_look{5};  // while they empty, at the end
constexpr std::chrono::milliseconds look_again{5};  // at the store, or for who has come

}  // namespace

shard_service::shard_service(detail::node_inside& inside, const region_table& regions)
    : inside_(inside),
      regions_(regions),
      placement_(std::make_shared<const placement>(view{}, inside.options().sharding)),
      gates_(inside.options().sharding.shards),
      lanes_(inside, inside.first_incarnation(), gates_.size(),
             {[this](const lane_head& head, std::string_view body) {
                return arrivals_.take(inside_.node_name(), head, body);
              },
              [this] { return placed(); },
              [this](std::string_view type, const hashed_id& id) { return shard_of(type, id); }}),
      arrivals_(inside, gates_, questions()),
      mover_(inside, gates_, lanes_, regions, moving()),
      journals_(inside.log(), keeping()) {
  inside.asks().before_expiry([this](const std::string& shard) { lanes_.expire(shard); });
}

void shard_service::begin(std::shared_ptr<coordination_store> store, membership_driver& driver,
                          const std::string& members_prefix) {
  driver_ = &driver;
  store_ = store;
  const auto& options = inside_.options();
  ownership_config config;
  config.prefix = options.cluster.name + "/";
  config.members_prefix = members_prefix;
  config.self = options.name;
  config.sharding = options.sharding;
  config.wall_offset = std::chrono::system_clock::now().time_since_epoch() - machine_clock().now();
  owning_ = std::make_unique<ownership_driver>(std::move(config), std::move(store), inside_.log(),
                                               effects());
  using detail::frame_kind;
  auto& posts = inside_.posts();
  posts.handle(frame_kind::to_entity,
               [this](const std::string& from, reader& in) { arrivals_.received(from, in); });
  posts.handle(frame_kind::lane_answers, [this](const std::string&, reader& in) {
    lane_answers answers;
    if (decode(in, answers)) lanes_.answered(answers);
  });
  posts.handle(frame_kind::handoff, [this](const std::string& from, reader& in) {
    handoff_word word;
    if (decode(in, word)) happened(word_heard{from, std::move(word)});
  });
  posts.handle(frame_kind::cargo,
               [this](const std::string& from, reader& in) { mover_.received(from, in); });
}

void shard_service::stop() {
  journals_.stop();
  lanes_.stop();
  using detail::frame_kind;
  for (const auto kind :
       {frame_kind::to_entity, frame_kind::lane_answers, frame_kind::handoff, frame_kind::cargo}) {
    inside_.posts().handle(kind, nullptr);
  }
}

lease_time shard_service::round() {
  const auto due = owning_->round();
  held_ = owning_->machine().holds();
  return lanes_until_ ? std::min(due, machine_clock().now() + lanes_look) : due;
}

ownership_effects shard_service::effects() {
  ownership_effects e;
  e.say = [this](const say_to& a) { say(a.node, a.word); };
  e.pack = [this](const pack_cells& a) { mover_.pack(a); };
  e.ship = [this](const ship_cells& a) { mover_.ship(a); };
  e.unpack = [this](const unpack_cells& a) { mover_.unpack(a); };
  e.drop = [this](const drop_cells& a) {
    mover_.drop(a);
    journals_.close(a.shard);
  };
  e.fence = [this](const fence_journal& a) { return journals_.known_above(a.shard, a.epoch); };
  e.drop_cargo = [this](const drop_cargo& a) { mover_.drop_cargo(a.shard, a.move); };
  e.serve = [this](const serve_shard& a) { mover_.serve(a); };
  e.set_apart = [this](const set_apart& a) { mover_.open(a.shard, a.epoch, a.own); };
  e.routed = [this](const auto& news) { routed(news); };
  return e;
}

arrival_questions shard_service::questions() {
  arrival_questions q;
  q.admits = [this] { return driver_->admitting(); };
  q.is_member = [this](std::uint64_t process) { return is_member(process); };
  q.unpack = [this](const std::string& from, const entity_body& what) {
    if (auto* const target = regions_.find(what.type)) return target->unpack(from, what);
    return turn_down(inside_, from, what, errc::unknown_type);
  };
  q.hand_over = [](arriving& a) { return a.where ? a.where->take(a) : std::move(a.refusal); };
  q.shard_of = [this](const arriving& a) { return shard_of(a.where->type(), hashed_id{a.id}); };
  q.record_of = [this](shard_id shard) { return placed()->record_of(shard); };
  q.look_for_newer_view = [this] { driver_->wake(); };
  return q;
}

mover_links shard_service::moving() {
  mover_links m;
  m.happened = [this](ownership_event what) { happened(std::move(what)); };
  m.say = [this](const std::string& to, const handoff_word& word) { say(to, word); };
  return m;
}

journal_links shard_service::keeping() {
  journal_links k;
  k.shard_of = [this](auto type, auto id) { return shard_of(type, hashed_id{id}); };
  k.epoch_of = [this](shard_id shard) -> std::uint64_t {
    const auto& record = placed()->record_of(shard);
    return record.owner == inside_.node_name() ? record.epoch : 0;
  };
  k.end_lives = [this](shard_id shard) {
    for (auto* const r : regions_.all()) {
      for (const auto& c : r->entities_of(shard)) c->is_durable() ? c->stop() : void();
    }
  };
  k.not_ours = [this](const journal_lost& lost) { happened(lost); };
  k.later = [this](std::chrono::milliseconds wait, std::function<void()> then) {
    inside_.clockwork().call(std::chrono::steady_clock::now() + wait, std::move(then));
  };
  return k;
}

void shard_service::happened(ownership_event what) {
  driver_->soon([this, what = std::move(what)]() mutable { owning_->happened(std::move(what)); });
}

void shard_service::say(const std::string& to, const handoff_word& word) {
  std::string frame;
  writer out{frame};
  encode(out, detail::frame_kind::handoff);
  encode(out, word);
  // Behind the cargo of its shard. What is lost is said again, or given up in time.
  const std::uint64_t key = word.shard;
  (void)inside_.posts().give(to, std::move(frame), {&key, 1});
}

void shard_service::stepped(const membership& machine) {
  const lease_known now{machine.serve_until(), machine.self().incarnation, machine.leaves()};
  if (now == told_lease_) return;
  if (now.leaves && !told_lease_.leaves) owning_->happened(heat());
  told_lease_ = now;
  owning_->happened(now);
}

heat_known shard_service::heat() const {
  heat_known all;
  for (auto* const r : regions_.all()) r->count_messages(all.messages);
  return all;
}

bool shard_service::handed_over() {
  if (!owning_->machine().empty_handed()) return false;
  lanes_.close();
  const auto now = std::chrono::steady_clock::now();
  if (!lanes_until_) lanes_until_ = now + inside_.options().cluster.lease;
  return lanes_.empty() || now >= *lanes_until_;
}

bool shard_service::is_member(std::uint64_t process) const {
  const auto known = processes_.load();
  return process == inside_.first_incarnation() || (known && known->contains(process));
}

void shard_service::published(const publish& now) {
  remember(now.records);
  members_known known;
  known.agreed = now.agreed;
  for (const auto& record : now.records) {
    const auto& name = record.self.name;
    known.members[name] = {record.self.incarnation, now.modified.at(name)};
  }
  const auto before = placed();
  if (before->agreed() != now.agreed) {
    auto next = std::make_shared<placement>(now.agreed, inside_.options().sharding);
    next->records = before->records;
    placement_.store(next);
  }
  owning_->happened(std::move(known));
}

void shard_service::remember(const std::vector<member_record>& records) {
  const auto now = std::chrono::steady_clock::now();
  const auto before = seen_.size();
  for (const auto& record : records) seen_[record.self.process] = now;
  const auto forgotten =
      std::erase_if(seen_, [&](const auto& entry) { return now - entry.second > remembered; });
  if (forgotten == 0 && seen_.size() == before) return;
  auto processes = std::make_shared<std::set<std::uint64_t>>();
  for (const auto& [process, when] : seen_) processes->insert(process);
  processes->insert(inside_.first_incarnation());
  if (forgotten != 0) gates_.keep_only(*processes);
  processes_.store(std::move(processes));
}

void shard_service::routed(const std::map<shard_id, shard_record>& news) {
  auto next = std::make_shared<placement>(*placed());
  for (const auto& [shard, record] : news) {
    const bool first = !is_promoted(shard) && next->record_of(shard).epoch == 0;
    owned_ += first && record.epoch != 0 ? 1 : 0;
  }
  next->records.set(news);
  placement_.store(next);
  for (const auto& [shard, record] : news) {
    if (!record.promoted.empty()) gates_.divide(shard);
  }
  if (owned_ == gates_.size() && !next->agreed().members.empty()) knows_owners_ = true;
  for (const auto& [shard, record] : news) {
    (void)lanes_.routed(shard, record);
    arrivals_.tell_moved(shard, record);
  }
}

// Promotion.

result<void> shard_service::pin(const entity_name& entity, const std::string& node,
                                std::chrono::steady_clock::time_point until) {
  if (!store_) return {errc::unavailable, "this node is not a member of a cluster"};
  if (auto wrong = check_pin(entity, node, placed()->agreed()); !wrong) return wrong;
  const auto prefix = inside_.options().cluster.name + "/";
  const hashed_id id{entity.id};
  const auto base = id.shard(gates_.size());
  const auto name = entity.type + "/" + entity.id;
  std::string why = "it does not answer";
  for (bool written = false; !written; std::this_thread::sleep_for(look_again)) {
    if (std::chrono::steady_clock::now() >= until)
      return {errc::timeout, name + " was not promoted: " + why};
    const auto records = read_records(prefix, base, placed()->shard_of(entity.type, id));
    if (!records) return records.why();
    auto change = change_of(prefix, *records, entity, base, node);
    if (!change && change.code() != errc::unavailable) return change.why();
    if (!change) {
      why = change.why().what;
      continue;
    }
    const auto done = store_->commit(*change);
    if (!done) return done.why();
    written = *done;  // else somebody else has changed a record: once more
    why = "others change its shard all the time";
  }
  driver_->soon([this] { owning_->look(); });
  return wait_for_pinned(entity, node, until);
}

// Of a shard and of one that may be promoted out of it.
result<store_snapshot> shard_service::read_records(const std::string& prefix, shard_id base,
                                                   shard_id own) const {
  auto records = store_->read(shard_key(prefix, base));
  if (!records || own == base) return records;
  auto of_own = store_->read(shard_key(prefix, own));
  if (of_own) records->keys.merge(of_own->keys);
  return of_own ? records : of_own;
}

// What was known here before the record was written says nothing.
result<void> shard_service::wait_for_pinned(const entity_name& entity, const std::string& node,
                                            std::chrono::steady_clock::time_point until) const {
  const hashed_id id{entity.id};
  for (;; std::this_thread::sleep_for(look_again)) {
    const auto now = placed();
    const auto shard = now->shard_of(entity.type, id);
    const auto& record = now->record_of(shard);
    const auto& owner = record.owner;
    const bool is_known = is_promoted(shard) && record.pinned == node;
    if (is_known && !owner.empty() && owner == now->target_of(shard)) return {};
    if (std::chrono::steady_clock::now() < until) continue;
    return {errc::timeout, entity.type + "/" + entity.id + " is to move from " + owner + " to " +
                               now->target_of(shard) + " and is not there yet; it is tried on"};
  }
}

}  // namespace troupe::sharding
