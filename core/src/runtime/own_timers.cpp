#include "runtime/own_timers.hpp"

#include "runtime/cell.hpp"
#include "runtime/cell_context.hpp"
#include "runtime/cell_extra.hpp"
#include "runtime/cell_services.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace troupe::runtime {

namespace {

using detail::envelope;
using detail::envelope_ptr;
using detail::handler;

/// What comes to the cell when an alarm has gone off.
struct tick {
  std::uint32_t place;
  timer_id repeated;     // 0: once
  envelope_ptr message;  // of one that goes off once
};

const handler& tick_handler() {
  static const handler instance = [] {
    handler h;
    h.name = "tick";
    h.size = sizeof(tick);
    h.on = detail::lane::own;
    h.invoke = [](void*, void* message, context& ctx, detail::sink_ptr&) {
      auto& t = *static_cast<tick*>(message);
      auto& mine = static_cast<cell_context&>(ctx);
      auto& timers = mine.owner().extra().timers;
      if (!timers.arrive(t.place)) return;
      if (t.repeated) t.message = timers.repeat(mine.owner(), t.repeated);
      if (t.message) mine.run(t.message);
    };
    h.destroy = [](void* message) noexcept { static_cast<tick*>(message)->~tick(); };
    return h;
  }();
  return instance;
}

// The words of an alarm: its handler (null: none, or the message is in an envelope), its place with
// a mark for repeated ones, and the message or a pointer to it.
enum class form : std::uint64_t { plain, enveloped, repeated };
constexpr int form_shift = 32;

bool fits(const handler& what) noexcept {
  return what.plain && what.size <= sizeof(std::uint64_t);
}

envelope_ptr message_of(const alarm_call& a) {
  const auto how = form(a.words[1] >> form_shift);
  if (how == form::repeated) return nullptr;
  if (how == form::enveloped) return envelope_ptr{reinterpret_cast<envelope*>(a.words[2])};
  const auto& what = *reinterpret_cast<const handler*>(a.words[0]);
  envelope_ptr made{detail::allocate_envelope(what.size)};
  made->what = &what;
  std::memcpy(made->payload(), &a.words[2], what.size);
  return made;
}

cell& owner_of(const alarm_call& a) noexcept {
  return *static_cast<cell*>(a.object);
}

constexpr alarm_kind alarm{[](const alarm_call& a) noexcept { owner_of(a).keep(); },
                           [](const alarm_call& a) noexcept {
                             const bool again = form(a.words[1] >> form_shift) == form::repeated;
                             auto t = detail::make_envelope(
                                 tick_handler(),
                                 tick{static_cast<std::uint32_t>(a.words[1]),
                                      again ? timer_id{a.words[2]} : 0, message_of(a)});
                             (void)owner_of(a).push_own(t);
                             owner_of(a).leave();
                           },
                           [](const alarm_call& a) noexcept {
                             (void)message_of(a);
                             owner_of(a).leave();
                           }};

}  // namespace

timer_id own_timers::once(cell& owner, detail::time_point due, envelope_ptr message) {
  const auto place = take_place();
  alarm_call call{&alarm, &owner, {0, place, 0}};
  if (fits(*message->what)) {
    call.words[0] = reinterpret_cast<std::uintptr_t>(message->what);
    std::memcpy(&call.words[2], message->payload(), message->what->size);
  } else {
    call.words[1] |= static_cast<std::uint64_t>(form::enveloped) << form_shift;
    call.words[2] = reinterpret_cast<std::uintptr_t>(message.release());
  }
  places_[place] = owner.services().clockwork().add(due, call, owner.shard());
  return static_cast<timer_id>(places_[place]);
}

timer_id own_timers::every(cell& owner, std::chrono::nanoseconds period, envelope_ptr message) {
  if (!repeated_) repeated_ = std::make_unique<std::map<timer_id, repeated>>();
  const auto id = ++last_repeated_;
  (*repeated_)[id] = {period, std::chrono::steady_clock::now(), std::move(message), 0};
  arm(owner, id);
  return id;
}

// From the due time, not from now: no drift; but a late actor gets no burst of ticks.
void own_timers::arm(cell& owner, timer_id id) {
  auto& r = repeated_->at(id);
  r.due = std::max(r.due + r.period, std::chrono::steady_clock::now());
  r.place = take_place();
  const auto how = static_cast<std::uint64_t>(form::repeated) << form_shift;
  places_[r.place] = owner.services().clockwork().add(
      r.due, {&alarm, &owner, {0, how | r.place, id}}, owner.shard());
}

envelope_ptr own_timers::repeat(cell& owner, timer_id id) {
  arm(owner, id);
  return detail::copy_envelope(*repeated_->at(id).message);
}

bool own_timers::arrive(std::uint32_t place) {
  const bool wanted = places_[place] != alarm_key::none;
  free_place(place);
  return wanted;
}

void own_timers::cancel(cell& owner, timer_id id) {
  if (id & repeated_bit) {
    if (!repeated_) return;
    const auto found = repeated_->find(id);
    if (found == repeated_->end()) return;
    const auto place = found->second.place;
    repeated_->erase(found);
    return give_up(owner, place);
  }
  if (const auto taken = owner.services().clockwork().take(alarm_key{id}, &owner)) {
    (void)message_of(*taken);
    return free_place(static_cast<std::uint32_t>(taken->words[1]));
  }
  // Gone long ago, or on its way here.
  const auto found = std::find(places_.begin(), places_.end(), alarm_key{id});
  if (id != 0 && found != places_.end()) *found = alarm_key::none;
}

// When the clock has it no more, its tick is on the way and finds that nobody wants it.
void own_timers::give_up(cell& owner, std::uint32_t place) {
  const auto key = std::exchange(places_[place], alarm_key::none);
  const auto taken = owner.services().clockwork().take(key, &owner);
  if (!taken) return;
  (void)message_of(*taken);
  free_place(place);
}

void own_timers::cancel_all(cell& owner) {
  for (std::uint32_t place = 0; place < places_.size(); ++place) {
    if (places_[place] != alarm_key::none) give_up(owner, place);
  }
  repeated_.reset();
  names_.reset();
}

timer_id& own_timers::named(std::string_view name) {
  if (!names_) names_ = std::make_unique<decltype(names_)::element_type>();
  const auto found = names_->find(name);
  return found != names_->end() ? found->second : (*names_)[std::string{name}];
}

std::uint32_t own_timers::take_place() {
  if (free_.empty()) {
    places_.push_back(alarm_key::none);
    return static_cast<std::uint32_t>(places_.size() - 1);
  }
  const auto place = free_.back();
  free_.pop_back();
  return place;
}

void own_timers::free_place(std::uint32_t place) noexcept {
  places_[place] = alarm_key::none;
  free_.push_back(place);
}

}  // namespace troupe::runtime
