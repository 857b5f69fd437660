#include "load.hpp"

#include <string>
#include <unistd.h>
#include <utility>

namespace troupe::chaos {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 3s;  // of an ask

std::uint64_t sender_of(std::size_t thread) {
  return static_cast<std::uint64_t>(::getpid()) * 4 + thread;
}

/// `r` before the ask; then with its outcome, `answered` where there is one.
template <class Answer, class Take>
void finish(record r, deed what, Answer&& answer, Take&& take) {
  const auto got = answer.get();
  r.what = what;
  r.at = now_ns();
  r.code = static_cast<std::uint8_t>(got ? errc::ok : got.code());
  if (got) take(r, got.value());
  journal::of_process()->write(r);
}

record begin(deed mutation, std::uint32_t key, std::uint64_t sender, std::uint64_t number) {
  record r{deed::will_ask};
  r.key = key;
  r.sender = sender;
  r.number = number;
  r.begun = r.at = now_ns();
  r.is_register = mutation >= deed::read;
  return r;
}

}  // namespace

load::load(const entities<log_entity>& logs, const entities<register_entity>& registers,
           std::chrono::milliseconds pause)
    : logs_(logs), registers_(registers), pause_(pause) {
  for (std::size_t i = 0; i < askers_.size(); ++i) {
    askers_[i].sender = sender_of(i + 1);
    askers_[i].random.seed(askers_[i].sender);
  }
}

void load::on() {
  if (on_.exchange(true)) return;
  threads_.emplace_back([this] { tell_rounds(); });
  for (auto& who : askers_) threads_.emplace_back([this, &who] { ask_rounds(who); });
}

void load::off() {
  on_ = false;
  for (auto& t : threads_) t.join();
  threads_.clear();
}

void load::tell_rounds() {
  for (; on_; std::this_thread::sleep_for(pause_)) {
    for (std::uint32_t key = 0; key < log_keys; ++key) {
      auto r = begin(deed::told, key, sender_of(0), told_[key] + 1);
      const errc said = logs_[id_of(key)].tell(log_entity::add{r.sender, r.number});
      r.what = said == errc::ok ? deed::told : deed::refused;
      r.code = static_cast<std::uint8_t>(said);
      if (said == errc::ok) ++told_[key];
      journal::of_process()->write(r);
    }
  }
}

void load::ask_rounds(asker& who) {
  for (; on_; std::this_thread::sleep_for(pause_ / 2)) {
    if (who.random() % 3 == 0) {
      ask_log(who);
    } else {
      ask_register(who);
    }
  }
}

void load::ask_log(asker& who) {
  const auto key = static_cast<std::uint32_t>(who.random() % log_keys);
  const auto ref = logs_[id_of(key)];
  const auto take = [](record& r, const log_entity::contents& seen) {
    r.life = seen.life;
    r.size = seen.size;
    r.digest = seen.digest;
  };
  if (who.random() % 2 == 0) {
    const auto r = begin(deed::read_log, key, who.sender, 0);
    finish(r, deed::read_log, ref.ask(log_entity::look{}, patience), take);
    return;
  }
  const auto r = begin(deed::appended, key, who.sender, ++who.last[key]);
  journal::of_process()->write(r);
  finish(r, deed::appended, ref.ask(log_entity::append{r.sender, r.number}, patience), take);
}

void load::ask_register(asker& who) {
  const auto key = static_cast<std::uint32_t>(who.random() % register_keys);
  const auto ref = registers_[id_of(key)];
  auto& known = who.known[key];
  const auto take = [&known](record& r, const register_entity::held& now) {
    r.life = now.life;
    r.changed = now.changed;
    r.seen = now.value;
    if (r.what == deed::read) r.value = now.value;
    known = r.what == deed::wrote || (r.what == deed::exchanged && now.changed) ? r.value : r.seen;
  };
  auto r = begin(deed::read, key, who.sender, ++who.asks);
  const auto kind = who.random() % 3;
  if (kind == 0) {
    finish(r, deed::read, ref.ask(register_entity::get{}, patience), take);
    return;
  }
  r.value = static_cast<std::int64_t>(who.sender << 24 | who.asks);  // never the same twice
  r.expected = known;
  r.changed = kind == 2;  // which of both this is, if nothing follows
  journal::of_process()->write(r);
  if (kind == 1) {
    finish(r, deed::wrote, ref.ask(register_entity::put{r.value}, patience), take);
  } else {
    finish(r, deed::exchanged, ref.ask(register_entity::exchange{r.expected, r.value}, patience),
           take);
  }
}

}  // namespace troupe::chaos
