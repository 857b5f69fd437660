#include "returned_frames.hpp"

#include "cluster_service.hpp"
#include "region.hpp"

#include <utility>

namespace troupe::sharding {

void returned_frames::take(const std::string& from, entity_frame frame, std::uint64_t their_epoch) {
  ++frame.hops;
  if (frame.hops > most_hops) {
    return fail(frame, from, {errc::unavailable, "no node says that it owns the entity"});
  }
  const hashed_id id{frame.id};
  const auto placed = region_.placed_for(id);
  const auto owner = placed->owner_of(id);
  const bool another = owner != nobody && placed->agreed.members[owner].name != from;
  if (another && their_epoch <= placed->agreed.epoch) return send_again(from, frame);
  // One of us has an old view, and will soon see a newer one.
  cluster_.look_for_newer_view();
  if (waiting_.fetch_add(1) >= most_waiting) {
    waiting_.fetch_sub(1);
    return fail(frame, from, {errc::overloaded, "too many messages wait for a newer view"});
  }
  const auto again = [this, weak = region_.weak_from_this(), from, bytes = frame.write()] {
    const auto alive = weak.lock();
    if (!alive) return;
    waiting_.fetch_sub(1);
    entity_frame kept;
    if (kept.read_again(bytes)) send_again(from, kept);
  };
  cluster_.inside().clockwork().call(std::chrono::steady_clock::now() + view_pause, again);
}

void returned_frames::send_again(const std::string& from, entity_frame frame) {
  auto& node = cluster_.inside();
  const hashed_id id{frame.id};
  const auto placed = region_.placed_for(id);
  const auto owner = placed->owner_of(id);
  const auto request = frame.head.request;
  if (owner == nobody) {
    return fail(frame, from, {errc::unavailable, "this node is not a member of its cluster"});
  }
  const auto& to = placed->agreed.members[owner].name;
  const auto deadline = request ? node.asks().moved({request, frame.head.message, from}, to)
                                : detail::time_point::max();
  if (!deadline) return;  // its asker has given up, or asked somebody else
  if (owner == placed->self) return deliver(frame, *deadline);
  frame.epoch = placed->agreed.epoch;
  frame.head.left_ms = request ? runtime::milliseconds_left(*deadline) : 0;
  const auto key = id.order_key();
  const errc sent = node.posts().give(to, frame.write(), {&key, 1});
  if (sent != errc::ok) fail(frame, to, {sent, "to " + to + ": nothing was sent"});
}

// The newer view says that we are the owner ourselves.
void returned_frames::deliver(const entity_frame& frame, detail::time_point deadline) {
  auto& node = cluster_.inside();
  const auto& self = node.node_name();
  const auto request = frame.head.request;
  const auto* type = region_.behaviour();
  const auto* what = type ? type->find(frame.head.message) : nullptr;
  reader in{frame.body, &node};
  auto message = what ? detail::read_envelope(*what, in) : nullptr;
  if (!message)
    return fail(frame, self, {errc::unknown_type, "this node runs no " + region_.type()});
  if (request != 0) message->sink = node.asks().withdraw({request, frame.head.message, self});
  if (request != 0 && !message->sink) return;
  message->deadline = deadline;
  (void)region_.deliver(hashed_id{frame.id}, std::move(message));
}

void returned_frames::fail(const entity_frame& frame, const std::string& asked, error why) {
  auto& node = cluster_.inside();
  const auto* type = region_.behaviour();
  const auto& head = frame.head;
  node.events().lost({region_.type(), frame.id}, type ? type->find(head.message) : nullptr, why);
  if (head.request == 0) {
    node.log().debug("message dropped", {{"type", region_.type()}, {"why", why.what}});
  } else if (const auto sink = node.asks().withdraw({head.request, head.message, asked})) {
    sink->fail(std::move(why));
  }
}

}  // namespace troupe::sharding
