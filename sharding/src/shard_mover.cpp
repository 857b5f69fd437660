#include "shard_mover.hpp"

#include "lanes.hpp"
#include "lease_clock.hpp"
#include "runtime/travelling_cell.hpp"
#include <troupe/core/codec.hpp>

#include <utility>

namespace troupe::sharding {

using runtime::travelling_cell;

shard_mover::shard_mover(detail::node_inside& node, shard_gates& gates, lanes& out,
                         const region_table& regions, mover_links links)
    : node_(node), gates_(gates), lanes_(out), regions_(regions), links_(std::move(links)) {}

// The owner before.

void shard_mover::pack(const pack_cells& a) {
  gates_.close(a.shard);
  const auto l = std::make_shared<leaving>();
  l->move = a.move;
  leaving_[a.shard] = l;
  std::vector<std::pair<runtime::cell_ptr, std::string>> cells;
  for (auto* const r : regions_.all()) {
    for (auto& c : r->entities_of(a.shard)) cells.emplace_back(std::move(c), r->type());
  }
  l->waiting = cells.size();
  if (cells.empty()) return links_.happened(cells_packed{a.shard, a.move, true, {}});
  const auto deadline = std::chrono::steady_clock::now() + (a.until - machine_clock().now());
  for (auto& [cell, type] : cells) {
    const packed_entity entity{type, std::string{cell->entity_id()}, {}};
    travelling_cell::freeze(
        *cell, {node_, shard_name(a.shard)}, deadline,
        [this, l, shard = a.shard, entity](runtime::cell& c, result<runtime::luggage> packing) {
          auto whole = entity;
          if (packing) whole.luggage = std::move(*packing);
          const bool gone = packing.code() == errc::stopped;  // it ended: nothing of it moves
          packed(l, shard, packing ? runtime::cell_ptr{&c} : runtime::cell_ptr{}, std::move(whole),
                 packing || gone ? std::string{}
                                 : entity.type + "/" + entity.id + ": " + packing.why().what);
        });
  }
}

// On the cell's worker.
void shard_mover::packed(const std::shared_ptr<leaving>& l, shard_id shard, runtime::cell_ptr cell,
                         packed_entity entity, const std::string& failure) {
  cells_packed all{shard, 0, true, {}};
  {
    const std::lock_guard lock{l->mutex};
    if (l->over) {
      if (cell) travelling_cell::thaw(*cell);
      return;
    }
    if (cell) {
      l->cells.push_back(std::move(cell));
      l->entities.push_back(std::move(entity));
    }
    if (!failure.empty()) l->failure = failure;
    if (--l->waiting > 0) return;
    all.move = l->move;
    all.why = l->failure;
    all.done = all.why.empty();
  }
  links_.happened(std::move(all));
}

void shard_mover::ship(const ship_cells& a) {
  const auto found = leaving_.find(a.shard);
  if (found == leaving_.end() || send_all(a, *found->second)) return;
  handoff_word no{handoff_step::not_ready, a.shard, a.move};
  no.why = "its entities could not be sent";
  links_.happened(word_heard{a.to, std::move(no)});
}

bool shard_mover::send_all(const ship_cells& a, leaving& l) {
  cargo_part part{a.shard, a.move, 0, false, gates_.pack(a.shard), {}};
  std::size_t bytes = 0;
  const std::lock_guard lock{l.mutex};
  for (auto& entity : l.entities) {
    bytes += runtime::bytes_of(entity.luggage);
    part.entities.push_back(std::move(entity));
    if (bytes < part_bytes) continue;
    if (!give(a.to, part)) return false;
    part = {a.shard, a.move, part.part + 1, false, {}, {}};
    bytes = 0;
  }
  part.last = true;
  return give(a.to, part);
}

bool shard_mover::give(const std::string& to, const cargo_part& part) {
  std::string frame;
  writer out{frame};
  encode(out, detail::frame_kind::cargo);
  encode(out, part);
  const std::uint64_t key = part.shard;
  return node_.posts().give(to, std::move(frame), {&key, 1}) == errc::ok;
}

void shard_mover::unpack(const unpack_cells& a) {
  if (const auto found = leaving_.find(a.shard); found != leaving_.end()) {
    const auto l = std::move(found->second);
    leaving_.erase(found);
    go_on(*l);
  }
  open(a.shard, a.epoch, a.own);
}

// Since the placement names an entity's own shard, nobody takes anything for it in the name of the
// one that it is from; so what that one had taken is complete. In the new epoch it takes other
// messages by numbers that the entity's lanes have, too.
void shard_mover::open(shard_id shard, std::uint64_t epoch, const apart& own) {
  for (const auto each : own) gates_.unpack(each, gates_.pack(shard));
  gates_.open(shard, epoch);
  for (const auto each : own) gates_.open(each, first_epoch);
  lanes_.opened(shard);
  for (const auto each : own) lanes_.opened(each);
}

void shard_mover::go_on(leaving& l) {
  const std::lock_guard lock{l.mutex};
  l.over = true;
  for (const auto& c : l.cells) travelling_cell::thaw(*c);
}

void shard_mover::drop(const drop_cells& a) {
  gates_.close(a.shard);
  std::shared_ptr<leaving> l;
  if (const auto found = leaving_.find(a.shard); found != leaving_.end()) {
    l = std::move(found->second);
    leaving_.erase(found);
  }
  if (l && a.moved) {
    const std::lock_guard lock{l->mutex};
    for (const auto& c : l->cells) travelling_cell::leave(*c);
    return;
  }
  if (l) go_on(*l);
  for (auto* const r : regions_.all()) {
    for (const auto& c : r->entities_of(a.shard)) c->stop();
  }
}

// The next owner.

void shard_mover::received(const std::string& from, reader& in) {
  const auto bytes = in.left();
  cargo_part part;
  if (!decode(in, part) || !gates_.knows(part.shard)) return (void)in.fail();
  const auto shard = part.shard;
  const auto move = part.move;
  const bool last = part.last;
  handoff_word no{handoff_step::not_ready, shard, move};
  for (const auto& e : part.entities) {
    auto* const r = regions_.find(e.type);
    if (!r || !r->is_open()) no.why = node_.node_name() + " runs no " + e.type;
  }
  if (no.why.empty() && !stage(std::move(part), bytes)) {
    no.why = node_.node_name() + " has no room for more shards on their way, or missed a part";
  }
  if (no.why.empty() && last) return links_.happened(cargo_staged{shard, move});
  if (no.why.empty()) return;
  drop_cargo(shard, move);
  links_.say(from, no);
}

bool shard_mover::stage(cargo_part&& part, std::size_t bytes) {
  const std::lock_guard lock{mutex_};
  auto& s = staged_[part.shard];
  // What is whole may be committed to: it gives way to no other, until it is dropped.
  if (s.whole && s.move != part.move) return false;
  if (part.part == 0) {
    staged_bytes_ -= s.bytes;
    s = staged{part.move, 0, false, 0, std::move(part.taken), {}};
  }
  if (s.move != part.move || s.parts != part.part || staged_bytes_ + bytes > most_staged) {
    return false;
  }
  ++s.parts;
  s.whole = part.last;
  s.bytes += bytes;
  staged_bytes_ += bytes;
  for (auto& e : part.entities) s.entities.push_back(std::move(e));
  return true;
}

void shard_mover::drop_cargo(shard_id shard, std::uint64_t move) {
  const std::lock_guard lock{mutex_};
  const auto found = staged_.find(shard);
  if (found == staged_.end() || found->second.move != move) return;
  staged_bytes_ -= found->second.bytes;
  staged_.erase(found);
}

// Entities first, then the gate: what they have brought goes before all that comes.
void shard_mover::serve(const serve_shard& a) {
  staged cargo;
  if (a.move != 0) {
    const std::lock_guard lock{mutex_};
    const auto found = staged_.find(a.shard);
    if (found != staged_.end() && found->second.move == a.move) {
      staged_bytes_ -= found->second.bytes;
      cargo = std::move(found->second);
      staged_.erase(found);
    }
  }
  gates_.unpack(a.shard, cargo.taken);
  for (auto& e : cargo.entities) {
    auto* const r = regions_.find(e.type);
    if (r && r->arrive(e.id, std::move(e.luggage))) continue;
    node_.log().error("an entity has nowhere to arrive", {{"type", e.type}, {"id", e.id}});
  }
  open(a.shard, a.epoch, a.own);
}

}  // namespace troupe::sharding
