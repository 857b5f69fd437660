#include "runtime/own_timers.hpp"

#include "runtime/cell.hpp"
#include "runtime/cell_context.hpp"
#include "runtime/cell_extra.hpp"
#include "runtime/cell_services.hpp"
#include "runtime/tick_words.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace troupe::runtime {

namespace {

using detail::envelope;
using detail::envelope_ptr;
using detail::handler;

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
      if (!timers.arrive(place_of(words))) return;
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
  return once(owner, due, std::move(message), numbered_ ? ++numbered_->last : 0);
}

// `id` 0: as the clock calls it.
timer_id own_timers::once(cell& owner, detail::time_point due, envelope_ptr message, timer_id id) {
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
  if (id == 0) return static_cast<timer_id>(places_[place]);
  numbered_->places[id] = place;
  numbered_->ids[place] = id;
  return id;
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
  if (numbered_) {
    const auto found = numbered_->places.find(id);
    if (found != numbered_->places.end()) give_up(owner, found->second);
    return;
  }
  if (const auto taken = owner.services().clockwork().take(alarm_key{id}, &owner)) {
    (void)message_of(taken->words);
    return free_place(place_of(taken->words));
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
  if (key == alarm_key::none) return;  // already
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
  if (numbered_) {
    if (const auto found = numbered_->ids.find(place); found != numbered_->ids.end()) {
      numbered_->places.erase(found->second);
      numbered_->ids.erase(found);
    }
  }
  free_.push_back(place);
}

bool own_timers::brings_message(const envelope& any) noexcept {
  if (any.what != &tick_handler()) return false;
  const auto& words = words_of(any);
  const auto* what = handler_in(words);
  return form_of(words) == form::repeated || (what && what->on == detail::lane::user);
}

timer_id own_timers::id_of(std::uint32_t place) const {
  return numbered_ ? numbered_->ids.at(place) : static_cast<timer_id>(places_[place]);
}

packed_timer own_timers::begin_packing(timer_id id, detail::time_point due) const {
  packed_timer one;
  one.id = id;
  one.left = std::max(due - std::chrono::steady_clock::now(), std::chrono::nanoseconds{0});
  if (!names_) return one;
  for (const auto& [name, called] : *names_) {
    if (called == id) one.name = name;
  }
  return one;
}

// The places that they have.
std::set<std::uint32_t> own_timers::pack_repeated(luggage& into) const {
  std::set<std::uint32_t> places;
  if (!repeated_) return places;
  for (const auto& [id, timer] : *repeated_) {
    auto& one = into.timers.emplace_back(begin_packing(id, timer.due));
    one.period = timer.period;
    one.message = timer.message->what->id;
    writer out{one.body};
    timer.message->what->encode(timer.message->payload(), out);
    places.insert(timer.place);
  }
  return places;
}

const char* own_timers::pack(cell& owner, const std::vector<envelope*>& ticks, luggage& into) {
  auto done = pack_repeated(into);
  for (const auto* one : ticks) {
    const auto place = place_of(words_of(*one));
    if (places_[place] == alarm_key::none || !done.insert(place).second) continue;
    auto& packed = into.timers.emplace_back(begin_packing(id_of(place), {}));
    write_message(words_of(*one), packed);
  }
  for (std::uint32_t place = 0; place < places_.size(); ++place) {
    if (places_[place] == alarm_key::none || done.count(place) != 0) continue;
    const char* waits_for = "a timer that goes off now";
    (void)owner.services().clockwork().look(
        places_[place], &owner, [&](const alarm_call& call, detail::time_point due) {
          waits_for = handler_in(call.words)->on == detail::lane::user ? nullptr : "a sleep";
          if (waits_for) return;
          auto& packed = into.timers.emplace_back(begin_packing(id_of(place), due));
          write_message(call.words, packed);
        });
    if (waits_for) return waits_for;
  }
  std::ranges::stable_sort(into.timers, {}, &packed_timer::left);
  const auto last = std::max(last_repeated_ & ~repeated_bit, timer_id{1});
  const auto last_once = numbered_ ? numbered_->last & ~moved_bit : 0;
  into.timers_so_far = places_.empty() && !numbered_ ? 0 : std::max(last, last_once);
  return nullptr;
}

void own_timers::count_from(std::uint64_t timers_so_far) {
  numbered_ = std::make_unique<numbered>();
  numbered_->last = moved_bit | timers_so_far;
  last_repeated_ = repeated_bit | timers_so_far;
}

void own_timers::unpack(cell& owner, const packed_timer& packed, envelope_ptr message) {
  const auto due = std::chrono::steady_clock::now() + packed.left;
  if (packed.id & repeated_bit) {
    if (!repeated_) repeated_ = std::make_unique<std::map<timer_id, repeated>>();
    (*repeated_)[packed.id] = {packed.period, due - packed.period, std::move(message), 0};
    arm(owner, packed.id);
  } else {
    once(owner, due, std::move(message), packed.id);
  }
  if (!packed.name.empty()) named(packed.name) = packed.id;
}

}  // namespace troupe::runtime
