#include "ownership_moment.hpp"

#include <algorithm>
#include <string_view>

namespace troupe::model {

using namespace sharding;

/// What a step has decided, carried out. The moves that it made have their names.
struct moment::performing {
  moment& m;
  std::size_t n;
  const step_result& result;
  const std::vector<std::uint64_t>& names;

  [[nodiscard]] std::uint64_t named(std::uint64_t move) const {
    return move > ownership_steps::most_moves ? names[move - result.first_new] : move;
  }

  void operator()(const commit_records& a) const {
    auto& is_now = m.edit(n);
    if (is_now.asking != asked::nothing) return m.breaks("two changes at a time: not modelled");
    change c{a.txn, {}, {}};
    for (const auto& one : a.writes.conditions) {
      const bool of_member = one.key.starts_with("m/");
      const auto which =
          of_member ? m.number_of(one.key.substr(2)) : shard_of_key("c/", one.key).value();
      c.conditions.push_back({of_member, which, one.modified});
    }
    for (const auto& one : a.writes.writes) {
      c.writes[shard_of_key("c/", one.key).value()] = from_value(one.value).value();
    }
    is_now.asking = asked::sent;
    is_now.under_way = std::move(c);
  }
  void operator()(const look_at_records&) const { m.edit(n).look = true; }
  void operator()(const say_to& a) const {
    frame f{static_cast<std::uint8_t>(n), m.number_of(a.node), {}, a.word};
    f.word.move = named(f.word.move);
    f.word.why.clear();
    m.send(std::move(f));
  }
  // Without the rule, messages are handled while entities are packed.
  void operator()(const pack_cells& a) const {
    m.edit(n).packing[a.shard] = named(a.move);
    if (m.rules_.obeyed.freeze) m.edit(n).held[a.shard].as = cells::is::frozen;
  }
  void operator()(const ship_cells& a) const {
    const auto& c = m.node(n).held[a.shard];
    cargo shipped{a.shard, named(a.move), c.born, c.as != cells::is::frozen};
    m.send({static_cast<std::uint8_t>(n), m.number_of(a.to), shipped, {}});
  }
  void operator()(const unpack_cells& a) const {
    m.edit(n).packing[a.shard] = 0;
    if (m.node(n).held[a.shard].as == cells::is::absent) m.breaks("unpacked what is not there");
    m.comes_alive(n, a.shard, a.epoch, m.node(n).held[a.shard].born);
  }
  void operator()(const drop_cells& a) const {
    m.edit(n).packing[a.shard] = 0;
    m.edit(n).held[a.shard] = {};
  }
  void operator()(const drop_cargo& a) const {
    std::erase_if(m.edit(n).staged,
                  [&](const cargo& c) { return c.shard == a.shard && c.move == named(a.move); });
  }
  void operator()(const fence_journal& a) const {
    m.tell(n, {happening::is::fence, a.shard, a.epoch});
  }
  void operator()(const serve_shard& a) const { m.serve(n, a); }
  void operator()(const set_apart&) const { m.breaks("a promotion: not modelled"); }
  void operator()(const replay_journal&) const {}
  void operator()(const shard_routed&) const {}
  void operator()(const move_failed&) const {}
};

void moment::tell(std::size_t n, const happening& what) {
  const auto& result = steps_.step(node(n).own, node(n).late, what);
  const auto names = new_names(result);
  edit(n).own = steps_.renamed(result, names);
  for (const auto& a : result.actions) std::visit(performing{*this, n, result, names}, a);
}

// What was packed before is not what is there any more.
void moment::comes_alive(std::size_t n, shard_id shard, std::uint64_t epoch, std::uint64_t born) {
  edit(n).held[shard] = {cells::is::live, born, epoch};
  for (std::size_t i = 0; i < nodes(); ++i) {
    const auto& staged = node(i).staged;
    for (std::size_t c = 0; c < staged.size(); ++c) {
      if (staged[c].shard == shard && !staged[c].stale) edit(i).staged[c].stale = true;
    }
  }
  const auto under_way = frames();
  for (const auto number : under_way) {
    auto f = parts_.each_frame[number];
    if (!f.shipped || f.shipped->shard != shard || f.shipped->stale) continue;
    f.shipped->stale = true;
    loses(number);
    send(f);
  }
}

void moment::serve(std::size_t n, const serve_shard& a) {
  const auto record = steps_[node(n).own].record_of(a.shard);
  if (a.move == 0) {
    if (record.born != a.epoch) breaks("served without the state that its record speaks of");
    return comes_alive(n, a.shard, a.epoch, a.epoch);
  }
  const auto& staged = node(n).staged;
  const auto found = std::find_if(staged.begin(), staged.end(), [&a](const cargo& c) {
    return c.shard == a.shard && c.move == a.move;
  });
  if (found == staged.end()) return breaks("served a cargo that is not there");
  const auto c = *found;
  if (c.stale) breaks("served a cargo whose entities have lived on since");
  if (c.born != record.born) breaks("served the state of another life");
  edit(n).staged.erase(edit(n).staged.begin() + (found - staged.begin()));
  comes_alive(n, a.shard, a.epoch, c.born);
}

bool moment::serves(std::size_t n, shard_id shard) const {
  const auto& is_now = node(n);
  if (!is_now.running || is_now.held[shard].as != cells::is::live) return false;
  const auto now = is_now.late ? ownership_steps::late : ownership_steps::early;
  const auto& own = steps_[is_now.own];
  return own.serves(shard, own.epoch_of(shard), now);
}

std::string moment::broken() {
  if (broken_.empty()) check_service();
  return broken_;
}

// Whoever serves is who the record names: so nobody else does, and no epoch has two owners.
void moment::check_service() {
  for (shard_id s = 0; s < rules_.shards; ++s) {
    const auto& record = records()[s].is;
    std::size_t alive = 0;
    for (std::size_t n = 0; n < nodes(); ++n) {
      const auto& is_now = node(n);
      if (is_now.held[s].as == cells::is::live && !is_now.late) ++alive;
      if (!serves(n, s)) continue;
      if (record.epoch != steps_[is_now.own].epoch_of(s)) breaks("an epoch is served that is over");
      if (record.incarnation != incarnation(n))
        breaks("an epoch is served by another than its owner");
      if (record.born != is_now.held[s].born) breaks("the state served is not the record's");
    }
    if (alive > 1) breaks("a shard's entities live on two nodes");
  }
}

}  // namespace troupe::model
