#include "runtime/requests.hpp"

#include "post.hpp"
#include <troupe/core/codec.hpp>

#include <atomic>
#include <utility>

namespace troupe::runtime {

// Requests outlive the clock.
const alarm_kind requests::deadline{
    [](const alarm_call&) noexcept {},
    [](const alarm_call& a) noexcept { static_cast<requests*>(a.object)->expire(a.words[0]); },
    [](const alarm_call&) noexcept {}};

namespace {

/// A small number of this thread.
std::size_t thread_number() noexcept {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed);
  return mine;
}

/// Whoever owns a shard may answer what was asked of it.
bool may_answer(const std::string& asked, const std::string& node) {
  return asked == node || asked.starts_with('#');
}

}  // namespace

requests::requests(alarm_clock& clockwork) : clockwork_(clockwork) {
  constexpr auto each = static_cast<std::uint32_t>(most / shards);
  for (std::uint32_t i = 0; i < shards; ++i) shards_.emplace_back(slab_numbers{i * each, each});
}

requests::shard* requests::shard_of(std::uint64_t request) noexcept {
  const std::size_t at = slab_numbers::of(slab_key{request}) / (most / shards);
  return at < shards ? &shards_[at] : nullptr;
}

std::uint64_t requests::add(const std::string& node, detail::envelope& ask) {
  const auto first = thread_number();
  for (std::size_t i = 0; i < shards; ++i) {
    if (const auto request = add_to((first + i) % shards, node, ask)) return request;
  }
  std::exchange(ask.sink, nullptr)->fail({errc::overloaded, "too many asks wait for other nodes"});
  return 0;
}

std::uint64_t requests::add_to(std::size_t which, const std::string& node, detail::envelope& ask) {
  auto& s = shards_[which];
  const std::lock_guard lock{s.mutex};
  const auto at = s.waiting.make(pending{node, nullptr, ask.what, ask.deadline, alarm_key::none});
  if (at == slab<pending>::nil) return 0;
  const auto request = static_cast<std::uint64_t>(s.waiting.key_of(at));
  s.waiting[at].sink = std::move(ask.sink);
  if (ask.deadline != detail::time_point::max()) {
    s.waiting[at].timer = clockwork_.add(ask.deadline, {&deadline, this, {request, 0, 0}}, which);
  }
  return request;
}

template <class Believe>
std::optional<requests::pending> requests::take(std::uint64_t request, Believe believe) {
  auto* s = shard_of(request);
  if (!s) return std::nullopt;
  std::optional<pending> taken;
  {
    const std::lock_guard lock{s->mutex};
    const auto at = s->waiting.find(slab_key{request});
    if (at == slab<pending>::nil || !believe(s->waiting[at])) return std::nullopt;
    taken = std::move(s->waiting[at]);
    s->waiting.destroy(at);
  }
  clockwork_.cancel(taken->timer);
  return taken;
}

detail::sink_ptr requests::withdraw(std::uint64_t request) {
  auto taken = take(request, [](const pending&) { return true; });
  return taken ? std::move(taken->sink) : nullptr;
}

void requests::rename(std::uint64_t request, const std::string& whom) {
  auto* s = shard_of(request);
  if (!s) return;
  const std::lock_guard lock{s->mutex};
  const auto at = s->waiting.find(slab_key{request});
  if (at != slab<pending>::nil) s->waiting[at].node = whom;
}

void requests::answered(const std::string& node, reader& in) {
  std::uint64_t request = 0;
  errc code{};
  if (!in.varint(request) || !decode(in, code)) return;
  const auto taken = take(request, [&](const pending& p) { return may_answer(p.node, node); });
  if (!taken) return;  // it ended before its answer came
  if (code == errc::ok && !taken->what->answer_tag) {
    taken->sink->answer(nullptr);  // it was told, reliably
  } else if (code == errc::ok && taken->what->decode_answer) {
    taken->what->decode_answer(in, *taken->sink);
  } else {
    std::string text;
    (void)decode(in, text);
    taken->sink->fail({code == errc::ok ? errc::timeout : code, std::move(text)});
  }
}

std::string requests::whom(std::uint64_t request) {
  auto* s = shard_of(request);
  if (!s) return {};
  const std::lock_guard lock{s->mutex};
  const auto at = s->waiting.find(slab_key{request});
  return at == slab<pending>::nil ? std::string{} : s->waiting[at].node;
}

void requests::expire(std::uint64_t request) {
  if (look_) {
    const auto asked = whom(request);
    if (asked.starts_with('#')) look_(asked);
  }
  if (const auto taken = take(request, [](const pending&) { return true; })) {
    taken->sink->fail(
        {errc::timeout, "no answer from " + taken->node +
                            " before the deadline; the message may still be handled"});
  }
}

template <class Which>
void requests::end_all(Which which, const error& why) {
  for (auto& s : shards_) {
    std::vector<pending> ended;
    {
      const std::lock_guard lock{s.mutex};
      s.waiting.for_each([&](slab<pending>::index at) {
        if (!which(s.waiting[at], static_cast<std::uint64_t>(s.waiting.key_of(at)))) return;
        ended.push_back(std::move(s.waiting[at]));
        s.waiting.destroy(at);
      });
    }
    for (const auto& one : ended) {
      clockwork_.cancel(one.timer);
      one.sink->fail(why);
    }
  }
}

void requests::lost(const std::string& whom, const std::set<std::uint64_t>& but) {
  end_all(
      [&](const pending& p, std::uint64_t request) {
        return p.node == whom && !but.contains(request);
      },
      {errc::timeout, "the connection to " + whom + " broke; the message may have been handled"});
}

void requests::close() {
  end_all([](const pending&, std::uint64_t) { return true; },
          {errc::timeout, "this node is stopping; the message may have been handled"});
}

void write_answer(writer& out, std::uint64_t request, const detail::handler& what,
                  const void* value) {
  encode(out, detail::frame_kind::answer);
  out.varint(request);
  encode(out, errc::ok);
  if (what.encode_answer) what.encode_answer(value, out);
}

void write_failure(writer& out, std::uint64_t request, const error& why) {
  encode(out, detail::frame_kind::answer);
  out.varint(request);
  encode(out, why.code);
  out.text(why.what);
}

}  // namespace troupe::runtime
