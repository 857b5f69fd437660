#include "runtime/event_hub.hpp"

#include "runtime/cell.hpp"
#include "runtime/cell_services.hpp"
#include "runtime/host.hpp"
#include "runtime/remote_ask.hpp"

#include <exception>
#include <mutex>
#include <utility>

namespace troupe::runtime {

namespace {

thread_local bool telling = false;

std::string id_of(const receiver& who) {
  return who.id.empty() && who.number ? std::to_string(who.number) : std::string{who.id};
}

receiver receiver_of(const cell& c) {
  return {c.type().name, c.entity_id(), c.known_number()};
}

}  // namespace

subscription event_hub::add(std::function<void(const event&)> subscriber) {
  const std::unique_lock lock{mutex_};
  auto& made = entries_.emplace_back();
  made.call = std::move(subscriber);
  subscribers_.fetch_add(1);
  return subscription{
      [self = shared_from_this(), which = std::prev(entries_.end())] { self->remove(which); }};
}

// In a subscriber, which runs under the lock, the entry is left for the hub's end to free.
void event_hub::remove(const std::list<entry>::iterator& which) {
  subscribers_.fetch_sub(1);
  which->over = true;
  if (telling) return;
  const std::unique_lock lock{mutex_};
  entries_.erase(which);
}

void event_hub::tell(const event& what) noexcept {
  if (!heard() || telling) return;
  const std::shared_lock lock{mutex_};
  telling = true;
  const auto failed = [this](const char* why) {
    log_.error("a subscriber to events threw; it stays subscribed", {{"what", why}});
  };
  for (const auto& each : entries_) {
    if (each.over) continue;
    try {
      each.call(what);
    } catch (const std::exception& thrown) {
      failed(thrown.what());
    } catch (...) {
      failed("something that is no std::exception");
    }
  }
  telling = false;
}

void event_hub::lost(const receiver& to, const detail::handler* what, const error& why) {
  if (!heard()) return;
  tell(dead_letter{std::string{to.behaviour}, id_of(to), std::string{what ? what->name : ""}, why});
}

errc event_hub::refuse(const receiver& to, detail::envelope& message, errc why,
                       const char* sentence) {
  if (heard()) lost(to, message.what, {why, sentence});
  runtime::refuse(message, why, sentence);
  return why;
}

// What runs here is a turn of some cell of that node.
event_hub* events_here() noexcept {
  const auto* here = host::current();
  const auto* of = here ? here->last_kind() : nullptr;
  return of ? &of->services->events() : nullptr;
}

void tell_full_stash(const cell& by, const detail::handler& message) {
  auto& events = by.services().events();
  if (!events.heard()) return;
  const auto bound = by.type().stash;
  events.tell(overloaded{std::string{by.type().name},
                         id_of(receiver_of(by)),
                         std::string{message.name},
                         bound,
                         bound,
                         full_queue::stash,
                         {}});
}

void tell_full_pool(event_hub& events, std::string_view name, std::uint32_t waiting,
                    std::uint32_t bound) {
  if (!events.heard()) return;
  overloaded refused{{}, {}, {}, waiting, bound, full_queue::pool, std::string{name}};
  const auto* here = host::current();
  if (const auto* by = here ? here->running() : nullptr) {
    refused.behaviour = by->type().name;
    refused.id = id_of(receiver_of(*by));
  }
  events.tell(refused);
}

errc refuse(const cell& by, detail::envelope& message, errc why, event_hub* events) {
  const bool entity = !by.entity_id().empty();
  const auto who = receiver_of(by);
  if (why != errc::overloaded) {
    const char* ended = entity ? "the entity has ended" : "the actor has ended";
    if (events) return events->refuse(who, message, why, ended);
    refuse(message, why, ended);
    return why;
  }
  if (events && events->heard()) {
    events->tell(overloaded{std::string{who.behaviour},
                            id_of(who),
                            std::string{message.what->name},
                            by.waiting(),
                            by.made_as().mailbox,
                            full_queue::mailbox,
                            {}});
  }
  refuse(message, why, entity ? "the entity's mailbox is full" : "the actor's mailbox is full");
  return why;
}

}  // namespace troupe::runtime
