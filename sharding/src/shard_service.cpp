#include "shard_service.hpp"

#include "membership_driver.hpp"
#include <troupe/core/codec.hpp>

#include <algorithm>
#include <utility>

namespace troupe::sharding {

shard_service::shard_service(detail::node_inside& inside, known_regions regions)
    : inside_(inside),
      regions_(std::move(regions)),
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
}

void shard_service::begin(std::shared_ptr<coordination_store> store, membership_driver& driver,
                          const std::string& members_prefix) {
  driver_ = &driver;
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
  return due;
}

ownership_effects shard_service::effects() {
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

arrival_questions shard_service::questions() {
  arrival_questions q;
  q.admits = [this] { return driver_->admitting(); };
  q.is_member = [this](std::uint64_t process) { return is_member(process); };
  q.unpack = [this](const std::string& from, const entity_body& what) {
    if (const auto target = regions_.of(what.type)) return target->unpack(from, what);
    return turn_down(inside_, from, what, errc::unknown_type);
  };
  q.hand_over = [](arriving& a) { return a.where ? a.where->take(a) : std::move(a.refusal); };
  q.record_of = [this](shard_id shard) { return placed()->record_of(shard); };
  q.look_for_newer_view = [this] { driver_->wake(); };
  return q;
}

mover_links shard_service::moving() {
  mover_links m;
  m.regions = regions_.all;
  m.region_of = regions_.of;
  m.happened = [this](ownership_event what) { happened(std::move(what)); };
  m.say = [this](const std::string& to, const handoff_word& word) { say(to, word); };
  return m;
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
  const lease_known now{machine.serve_until(), machine.self().incarnation};
  const bool same =
      now.serve_until == told_lease_.serve_until && now.incarnation == told_lease_.incarnation;
  if (same) return;
  told_lease_ = now;
  owning_->happened(now);
}

bool shard_service::handed_over() const {
  return owning_->machine().holds() == 0 || placed()->agreed.members.empty();
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
  if (before->agreed != now.agreed) {
    auto next = std::make_shared<placement>(now.agreed, inside_.options().sharding);
    next->records = before->records;
    next->records.resize(gates_.size());
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

}  // namespace troupe::sharding
