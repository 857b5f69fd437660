#include "runtime/actors.hpp"

#include "inside.hpp"
#include "runtime/remote_ask.hpp"

#include <chrono>
#include <random>

namespace troupe::runtime {

namespace {

std::uint64_t random_start() {
  std::random_device entropy;
  const auto high = static_cast<std::uint64_t>(entropy());
  return (((high << 31) | entropy()) & ~(std::uint64_t{1} << 63)) | 1;
}

}  // namespace

actors::actors(detail::node_inside& node) : node_(node), next_(random_start()) {}

void actors::introduce(cell& which) {
  auto& s = stripe_of(which.number());
  const std::lock_guard lock{s.mutex};
  s.cells.try_emplace(which.number(), &which);
}

void actors::forget(std::uint64_t number) {
  cell_ptr last;  // freed after the lock
  auto& s = stripe_of(number);
  const std::lock_guard lock{s.mutex};
  const auto found = s.cells.find(number);
  if (found == s.cells.end()) return;
  last = std::move(found->second);
  s.cells.erase(found);
}

cell_ptr actors::find(std::uint64_t number) {
  auto& s = stripe_of(number);
  const std::lock_guard lock{s.mutex};
  const auto found = s.cells.find(number);
  return found == s.cells.end() ? cell_ptr{} : found->second;
}

cell_ptr actors::start_root(cell_ptr root) {
  {
    const std::lock_guard lock{roots_mutex_};
    if (stopping_) return {};
    introduce(*root);  // before anybody can stop it: ended() forgets it
    roots_.emplace(root->number(), root);
  }
  root->launch();
  return root;
}

void actors::stop_all() {
  std::unique_lock lock{roots_mutex_};
  stopping_ = true;
  while (!roots_.empty()) {
    const auto [number, newest] = *roots_.rbegin();
    lock.unlock();
    newest->stop();
    lock.lock();
    const auto gone = [&, n = number] { return !roots_.contains(n); };
    while (!root_ended_.wait_for(lock, std::chrono::seconds{5}, gone)) {
      node_.log().warn("still waiting for a handler to return",
                       {{"behaviour", newest->made_by().type->name}, {"id", newest->id()}});
    }
  }
}

void actors::ended(cell& which, const exit_reason& why, detail::envelope* leftover) {
  forget(which.number());
  const auto code = why.kind == exit_kind::crashed ? errc::crashed : errc::stopped;
  while (leftover) {
    detail::envelope_ptr message{std::exchange(leftover, leftover->next)};
    if (auto sink = std::move(message->sink)) sink->fail({code, "the actor has ended"});
  }
  const std::lock_guard lock{roots_mutex_};
  if (roots_.erase(which.number()) > 0) root_ended_.notify_all();
}

errc actors::send(const detail::place& to, detail::envelope_ptr message) {
  if (to.name != node_.options().name) return send_remote(to, std::move(message));
  return deliver(to.number, std::move(message));
}

errc actors::deliver(std::uint64_t number, detail::envelope_ptr message) {
  const auto target = find(number);
  const errc pushed = target ? target->push(message) : errc::stopped;
  if (pushed != errc::ok)
    refuse(*message, pushed,
           pushed == errc::overloaded ? "the actor's mailbox is full" : "the actor has ended");
  return pushed;
}

errc actors::send_remote(const detail::place& to, detail::envelope_ptr message) {
  outgoing_frame frame{node_, detail::frame_kind::to_actor, to.name, *message};
  frame.out().varint(to.number);
  return frame.send(*message);
}

void actors::received(const std::string& from, reader& in) {
  incoming_frame frame;
  std::uint64_t number = 0;
  if (!frame.read_head(in) || !in.varint(number)) return;
  const auto target = find(number);
  if (!target) {
    frame.refuse(node_, from, {errc::stopped, "the actor has ended"});
    return;
  }
  auto message = frame.read_message(*target->made_by().type, node_, from, in);
  if (message) (void)deliver(number, std::move(message));
}

void actors::send_many(const std::vector<detail::place>& to, detail::envelope_ptr message) {
  std::map<std::string_view, std::vector<std::uint64_t>> remote;
  for (const auto& place : to) {
    if (place.name != node_.options().name) {
      remote[place.name].push_back(place.number);
    } else if (const auto target = find(place.number)) {
      auto copy = detail::copy_envelope(*message);
      (void)target->push(copy);
    }
  }
  if (remote.empty()) return;
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
    (void)node_.posts().send(name, frame);
  }
}

void actors::received_many(reader& in) {
  std::uint32_t id = 0;
  std::vector<std::uint64_t> numbers;
  if (!decode(in, id) || !decode(in, numbers)) return;
  detail::envelope_ptr message;  // read once, copied for each
  for (const auto number : numbers) {
    const auto target = find(number);
    if (!target) continue;
    const auto* what = target->made_by().type->find(id);
    if (!what || !what->copy) continue;
    if (!message || message->what != what) {
      reader again = in;
      message = detail::read_envelope(*what, again);
      if (!message) return (void)in.fail();
    }
    auto copy = detail::copy_envelope(*message);
    (void)target->push(copy);
  }
}

void actors::listen() {
  node_.posts().handle(detail::frame_kind::to_actor,
                       [this](const std::string& from, reader& in) { received(from, in); });
  node_.posts().handle(detail::frame_kind::to_actors,
                       [this](const std::string&, reader& in) { received_many(in); });
}

}  // namespace troupe::runtime
