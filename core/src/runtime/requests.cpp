#include "runtime/requests.hpp"

#include "post.hpp"
#include <troupe/core/codec.hpp>

#include <utility>
#include <vector>

namespace troupe::runtime {

// Requests outlive the clock.
const alarm_kind requests::deadline{
    [](const alarm_call&) noexcept {},
    [](const alarm_call& a) noexcept { static_cast<requests*>(a.object)->expire(a.words[0]); },
    [](const alarm_call&) noexcept {}};

void requests::expire(std::uint64_t request) {
  std::string node;
  const detail::handler* what = nullptr;
  if (auto sink = take(request, nullptr, &what, &node)) {
    sink->fail({errc::timeout, "no answer from " + node +
                                   " before the deadline; the message may still be handled"});
  }
}

std::uint64_t requests::add(const std::string& node, detail::envelope& ask) {
  const std::lock_guard lock{mutex_};
  if (pending_.size() >= most) {
    std::exchange(ask.sink, nullptr)
        ->fail({errc::overloaded, "too many asks wait for other nodes"});
    return 0;
  }
  const auto id = ++last_;
  auto& entry = pending_[id];
  entry = {node, std::move(ask.sink), ask.what, ask.deadline, alarm_key::none};
  entry.timer = clockwork_.add(ask.deadline, {&deadline, this, {id, 0, 0}}, id);
  return id;
}

detail::sink_ptr requests::take(std::uint64_t request, const std::string* from,
                                const detail::handler** what, std::string* node) {
  const std::lock_guard lock{mutex_};
  const auto found = pending_.find(request);
  if (found == pending_.end() || (from && found->second.node != *from)) return nullptr;
  clockwork_.cancel(found->second.timer);
  auto sink = std::move(found->second.sink);
  *what = found->second.what;
  if (node) *node = std::move(found->second.node);
  pending_.erase(found);
  return sink;
}

detail::sink_ptr requests::withdraw(std::uint64_t request) {
  const detail::handler* what = nullptr;
  return take(request, nullptr, &what);
}

std::optional<detail::time_point> requests::moved(std::uint64_t request, const std::string& to) {
  const std::lock_guard lock{mutex_};
  const auto found = pending_.find(request);
  if (found == pending_.end()) return std::nullopt;
  found->second.node = to;
  return found->second.deadline;
}

void requests::answered(const std::string& node, reader& in) {
  std::uint64_t request = 0;
  errc code{};
  if (!in.varint(request) || !decode(in, code)) return;
  const detail::handler* what = nullptr;
  const auto sink = take(request, &node, &what);
  if (!sink) return;  // it ended before its answer came
  if (code == errc::ok && what->decode_answer) {
    what->decode_answer(in, *sink);
  } else {
    std::string text;
    (void)decode(in, text);
    sink->fail({code == errc::ok ? errc::timeout : code, std::move(text)});
  }
}

void requests::lost(const std::string& node) {
  std::vector<detail::sink_ptr> ended;
  {
    const std::lock_guard lock{mutex_};
    for (auto it = pending_.begin(); it != pending_.end();) {
      if (it->second.node != node) {
        ++it;
        continue;
      }
      clockwork_.cancel(it->second.timer);
      ended.push_back(std::move(it->second.sink));
      it = pending_.erase(it);
    }
  }
  for (const auto& sink : ended) {
    sink->fail(
        {errc::timeout, "the connection to " + node + " broke; the message may have been handled"});
  }
}

void requests::close() {
  std::unordered_map<std::uint64_t, pending> ended;
  {
    const std::lock_guard lock{mutex_};
    ended.swap(pending_);
  }
  for (const auto& [id, entry] : ended) {
    clockwork_.cancel(entry.timer);
    entry.sink->fail({errc::timeout, "this node is stopping; the message may have been handled"});
  }
}

void write_answer(writer& out, std::uint64_t request, const detail::handler& what,
                  const void* value) {
  encode(out, detail::frame_kind::answer);
  out.varint(request);
  encode(out, errc::ok);
  what.encode_answer(value, out);
}

void write_failure(writer& out, std::uint64_t request, const error& why) {
  encode(out, detail::frame_kind::answer);
  out.varint(request);
  encode(out, why.code);
  out.text(why.what);
}

}  // namespace troupe::runtime
