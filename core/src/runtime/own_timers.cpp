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

// The words of an alarm, and of the tick that it becomes: the handler of its message (null: none,
// or the message is in an envelope), its place with a mark of its form, and the message, a pointer
// to it or a repeated timer's id.
using tick_words = decltype(alarm_call::words);
enum class form : std::uint64_t { plain, enveloped, repeated };
constexpr int form_shift = 32;

constexpr form form_of(const tick_words& words) noexcept {
  return form(words[1] >> form_shift);
}

/// What comes to the cell when an alarm has gone off. A message that fits comes as bytes: its
/// envelope is made where it is handled, which costs less than to bring a second one there.
struct tick {
  tick_words words;
};

bool fits(const handler& what) noexcept {
  return what.plain && what.size <= sizeof(std::uint64_t);
}

envelope_ptr message_of(const tick_words& words) {
  if (form_of(words) == form::repeated) return nullptr;
  if (form_of(words) == form::enveloped) {
    return envelope_ptr{reinterpret_cast<envelope*>(words[2])};
  }
  const auto* what = reinterpret_cast<const handler*>(words[0]);
  if (!what) return nullptr;
  envelope_ptr made{detail::allocate_envelope(what->size)};
  made->what = what;
  std::memcpy(made->payload(), &words[2], what->size);
  return made;
}

const handler& tick_handler() {
  static const handler instance = [] {
    handler h;
    h.name = "tick";
    h.size = sizeof(tick);
    h.on = detail::lane::own;
    h.invoke = [](void*, void* message, context& ctx, detail::sink_ptr&) {
      const auto words = std::exchange(static_cast<tick*>(message)->words, {});
      auto due = message_of(words);
      auto& mine = static_cast<cell_context&>(ctx);
      auto& timers = mine.owner().extra().timers;
      if (!timers.arrive(static_cast<std::uint32_t>(words[1]))) return;
      if (form_of(words) == form::repeated) due = timers.repeat(mine.owner(), timer_id{words[2]});
      if (due) mine.run(due);
    };
    h.destroy = [](void* message) noexcept {
      (void)message_of(static_cast<tick*>(message)->words);
    };
    return h;
  }();
  return instance;
}

cell& owner_of(const alarm_call& a) noexcept {
  return *static_cast<cell*>(a.object);
}

constexpr alarm_kind alarm{[](const alarm_call& a) noexcept { owner_of(a).keep(); },
                           [](const alarm_call& a) noexcept {
                             auto t = detail::make_envelope(tick_handler(), tick{a.words});
                             (void)owner_of(a).push_own(t);
                             owner_of(a).leave();
                           },
                           [](const alarm_call& a) noexcept {
                             (void)message_of(a.words);
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
  // To read a place is to wait for memory: few are ever cancelled on their way.
  const bool wanted = unwanted_ == 0 || places_[place] != alarm_key::none;
  if (!wanted) --unwanted_;
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
    (void)message_of(taken->words);
    return free_place(static_cast<std::uint32_t>(taken->words[1]));
  }
  // Gone long ago, or on its way here.
  const auto found = std::find(places_.begin(), places_.end(), alarm_key{id});
  if (id == 0 || found == places_.end()) return;
  *found = alarm_key::none;
  ++unwanted_;
}

// When the clock has it no more, its tick is on the way and finds that nobody wants it.
void own_timers::give_up(cell& owner, std::uint32_t place) {
  const auto key = std::exchange(places_[place], alarm_key::none);
  const auto taken = owner.services().clockwork().take(key, &owner);
  if (!taken) {
    ++unwanted_;
    return;
  }
  (void)message_of(taken->words);
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
