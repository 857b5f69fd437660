#include "runtime/actors.hpp"

#include "inside.hpp"
#include "runtime/multicast.hpp"
#include "runtime/own_links.hpp"
#include "runtime/remote_ask.hpp"
#include <troupe/core/detail/end_listener.hpp>

#include <chrono>
#include <map>
#include <optional>

namespace troupe::runtime {

actors::actors(detail::node_inside& node)
    : node_(node),
      watches_(services()),
      watchers_(std::make_shared<far_watchers>(
          services(), [this](std::uint64_t number) { return detail::route{find(number)}; })),
      links_(services(), [this](std::uint64_t here, const detail::place& from,
                                const link_word& word) { hear_link(here, from, word); }) {}

far_services actors::services() {
  return {[this](const std::string& to, std::string_view frame) {
            return node_.posts().send(to, frame);
          },
          [this](std::chrono::milliseconds in, std::function<void()> again) {
            node_.clockwork().call(std::chrono::steady_clock::now() + in, std::move(again));
          }};
}

void actors::introduce(cell& which) {
  auto& s = stripe_of(which.known_number());
  const std::lock_guard lock{s.mutex};
  if (which.has_ended()) return;
  if (s.cells.try_emplace(which.known_number(), &which).second) introduced_.fetch_add(1);
}

void actors::forget(std::uint64_t number) {
  if (introduced_.load() == 0) return;
  cell_ptr last;  // freed after the lock
  auto& s = stripe_of(number);
  const std::lock_guard lock{s.mutex};
  const auto found = s.cells.find(number);
  if (found == s.cells.end()) return;
  last = std::move(found->second);
  s.cells.erase(found);
  introduced_.fetch_sub(1);
}

cell_ptr actors::find(std::uint64_t number) {
  auto& s = stripe_of(number);
  const std::lock_guard lock{s.mutex};
  const auto found = s.cells.find(number);
  return found == s.cells.end() ? cell_ptr{} : found->second;
}

detail::route actors::way_to(detail::place where, const std::shared_ptr<detail::carrier>& self) {
  if (where.name == node_.options().name) {
    if (const auto here = find(where.number)) return detail::route{here};
  }
  return {self, std::move(where)};
}

cell_ptr actors::start_root(const kind& k, detail::birth&& birth) {
  auto root = cell::make_actor(k, std::move(birth), {});
  if (!roots_.add(*root)) {
    root->leave();  // its life
    return {};
  }
  root->launch();
  return root;
}

void actors::stop_all() {
  roots_.stop_all([this](const cell& newest) {
    node_.log().warn("still waiting for a handler to return",
                     {{"behaviour", newest.type().name}, {"number", newest.known_number()}});
  });
  watches_.close();
  links_.close();
}

void actors::ended(cell& which, const exit_reason& why, detail::envelope* leftover) {
  forget(which.known_number());
  const auto code = why.kind == exit_kind::crashed ? errc::crashed : errc::stopped;
  const receiver who{which.type().name, {}, which.known_number()};
  while (leftover) {
    detail::envelope_ptr message{std::exchange(leftover, leftover->next)};
    if (message->what->on != detail::lane::user) continue;
    (void)node_.events().refuse(who, *message, code, "the actor has ended");
  }
  if (!which.family().parent) roots_.remove(which);
}

errc actors::send(const detail::place& to, detail::envelope_ptr message) {
  if (to.name != node_.options().name) return send_remote(to, std::move(message));
  return deliver(to.number, std::move(message));
}

// On this node, without a cell that is known: an address that was read when its actor was gone.
errc actors::watch(const detail::place& whom, const std::shared_ptr<detail::end_listener>& who) {
  if (whom.name != node_.options().name) return watches_.begin(whom, who);
  if (const auto target = find(whom.number)) {
    target->watch(who);
  } else {
    who->ended({});
  }
  return errc::ok;
}

void actors::unwatch(const detail::place& whom, const std::shared_ptr<detail::end_listener>& who) {
  watches_.end(whom, who);
}

// On this node, without a cell that is known: as in `watch`.
errc actors::link(const detail::place& to, std::uint64_t by, const link_word& word) {
  if (to.name != node_.options().name) return links_.say(by, to, word);
  hear_link(to.number, {node_.options().name, by}, word);
  return errc::ok;
}

void actors::hear_link(std::uint64_t here, const detail::place& from, const link_word& word) {
  const auto target = find(here);
  if (target && !target->made_as().entity) {
    return own_links::say(*target, node_.actor(from), word);
  }
  if (word.verb != link_verb::join) return;
  exit_reason why;
  if (target) why = {exit_kind::unreachable, "an entity, which cannot be linked"};
  (void)link(from, here, {link_verb::exit, word.link.on_the_other_side(), {}, std::move(why)});
}

errc actors::deliver(std::uint64_t number, detail::envelope_ptr message) {
  if (const auto target = find(number)) return detail::route{target}.send(std::move(message));
  return node_.events().refuse({{}, {}, number}, *message, errc::stopped, "the actor has ended");
}

errc actors::send_remote(const detail::place& to, detail::envelope_ptr message) {
  outgoing_frame frame{node_, detail::frame_kind::to_actor, to.name, *message};
  frame.out().varint(to.number);
  return frame.send(*message, {{}, {}, to.number}, to.number);
}

void actors::received(const std::string& from, reader& in) {
  incoming_frame frame;
  std::uint64_t number = 0;
  if (!frame.read_head(in) || !in.varint(number)) return;
  const auto target = find(number);
  if (!target) {
    frame.refuse(node_, from, {errc::stopped, "the actor has ended"}, {{}, {}, number});
    return;
  }
  target->count_bytes_in(in.rest().size());
  auto message = frame.read_message(target->type(), node_, from, in);
  if (!message) return;
  const errc pushed = target->push(message);
  if (pushed != errc::ok) (void)refuse(*target, *message, pushed, &node_.events());
}

void actors::send_many(const std::vector<const detail::place*>& to, detail::envelope_ptr message) {
  std::map<std::string_view, std::vector<std::uint64_t>> remote;
  for (const auto* place : to) {
    if (place->name != node_.options().name) remote[place->name].push_back(place->number);
  }
  std::string body;
  writer bytes{body};
  message->what->encode(message->payload(), bytes);
  for (const auto& [name, numbers] : remote) {
    std::string frame;
    writer out{frame};
    encode(out, detail::frame_kind::to_actors);
    out.varint(message->what->id);
    encode(out, numbers);
    out.bytes(body.data(), body.size());
    const errc sent = node_.posts().give(name, std::move(frame), numbers);
    if (sent == errc::ok) continue;
    for (const auto number : numbers) {
      node_.events().lost({{}, {}, number}, message->what, {sent, "nothing was sent"});
    }
  }
}

void actors::received_many(reader& in) {
  std::uint32_t id = 0;
  std::vector<std::uint64_t> numbers;
  if (!decode(in, id) || !decode(in, numbers)) return;
  std::optional<sharer> shared;  // the message, read once
  const detail::handler* read_as = nullptr;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto target = find(numbers[i]);
    if (!target) {
      node_.events().lost({{}, {}, numbers[i]}, nullptr, {errc::stopped, "the actor has ended"});
      continue;
    }
    const auto* what = target->type().find(id);
    if (!what || !what->shared) {
      node_.events().lost({target->type().name, {}, numbers[i]}, what,
                          {errc::unknown_message, "this node's version has no such message"});
      continue;
    }
    if (what != read_as) {
      reader again = in;
      auto message = detail::read_envelope(*what, again);
      if (!message) return (void)in.fail();
      shared.emplace(std::move(message), numbers.size() - i);
      read_as = what;
    }
    target->count_bytes_in(in.rest().size());
    auto one = shared->next();
    const errc pushed = target->push(one);
    if (pushed != errc::ok) (void)refuse(*target, *one, pushed, &node_.events());
  }
}

void actors::listen() {
  node_.posts().handle(detail::frame_kind::to_actor,
                       [this](const std::string& from, reader& in) { received(from, in); });
  node_.posts().handle(detail::frame_kind::to_actors,
                       [this](const std::string&, reader& in) { received_many(in); });
  node_.posts().handle(detail::frame_kind::watch,
                       [this](const std::string& from, reader& in) { watchers_->heard(from, in); });
  node_.posts().handle(detail::frame_kind::ended,
                       [this](const std::string& from, reader& in) { watches_.heard(from, in); });
  node_.posts().handle(detail::frame_kind::link,
                       [this](const std::string& from, reader& in) { links_.heard(from, in); });
  node_.posts().watch([this](const std::string& node, bool reachable) {
    links_.reachable(node, reachable);
    watchers_->reachable(node, reachable);
    watches_.reachable(node, reachable);
  });
}

}  // namespace troupe::runtime
