#include "runtime/remote_ask.hpp"

#include "inside.hpp"
#include "runtime/cell.hpp"
#include "runtime/host.hpp"
#include <troupe/core/codec.hpp>

#include <algorithm>
#include <memory>

namespace troupe::runtime {

namespace {

error not_sent(errc why, const std::string& to) {
  return {why, "to " + to + ": nothing was sent"};
}

}  // namespace

remote_sink::remote_sink(detail::node_inside& node, std::string asker, std::uint64_t request,
                         const detail::handler* what, bool reliable)
    : node_(node.weak_from_this()),
      asker_(std::move(asker)),
      request_(request),
      what_(what),
      reliable_(reliable) {
  if (reliable_) node.taken().add(asker_, request_);
}

remote_sink::~remote_sink() {
  const auto node = reliable_ ? node_.lock() : nullptr;
  if (node) node->taken().remove(asker_, request_);
}

void remote_sink::answer(void* value) {
  detail::frame_bytes frame;
  writer out{*frame};
  write_answer(out, request_, *what_, value);
  send(std::move(*frame));
}

void remote_sink::fail(error why) {
  detail::frame_bytes frame;
  writer out{*frame};
  write_failure(out, request_, why);
  send(std::move(*frame));
}

// An answer is for nobody else: it need not wait behind anything.
void remote_sink::send(std::string&& frame) {
  const auto node = node_.lock();
  if (!node) return;
  if (node->posts().give(asker_, std::move(frame), {&request_, 1}) != errc::too_large) return;
  std::string refusal;  // smaller than any limit
  writer out{refusal};
  write_failure(out, request_,
                {errc::timeout, "it was handled, but the answer is larger than link.max_frame"});
  (void)node->posts().give(asker_, std::move(refusal), {&request_, 1});
}

void give_asker(detail::envelope& message, detail::sink_ptr sink,
                const std::vector<std::uint64_t>& chain, std::uint64_t left_ms) {
  message.sink = std::move(sink);
  for (auto waiter = chain.rbegin(); waiter != chain.rend(); ++waiter) {
    message.sink->chain = detail::call_chain{*waiter, message.sink->chain};
  }
  constexpr std::uint64_t year_ms = 365ull * 24 * 3600 * 1000;
  message.deadline =
      std::chrono::steady_clock::now() + std::chrono::milliseconds{std::min(left_ms, year_ms)};
}

std::uint64_t milliseconds_left(detail::time_point deadline) {
  using std::chrono::milliseconds;
  const auto left = deadline - std::chrono::steady_clock::now();
  return static_cast<std::uint64_t>(
      std::max<std::int64_t>(std::chrono::ceil<milliseconds>(left).count(), 0));
}

void refuse(detail::envelope& message, errc code, const char* what) {
  if (auto sink = std::move(message.sink)) sink->fail({code, what});
}

outgoing_frame::outgoing_frame(detail::node_inside& node, detail::frame_kind kind,
                               const std::string& to, detail::envelope& message)
    : node_(node), to_(to) {
  incoming_frame head;
  head.message = message.what->id;
  if (message.sink) {
    head.left_ms = milliseconds_left(message.deadline);
    message.sink->chain.each([&](std::uint64_t waiter) { head.chain.push_back(waiter); });
    head.request = request_ = node_.asks().add(to, message);
    refused_ = request_ == 0;
  }
  encode(out_, kind);
  head.write_head(out_);
}

errc outgoing_frame::send(detail::envelope& message, const receiver& to, std::uint64_t key) {
  if (refused_) {
    node_.events().lost(to, message.what, {errc::overloaded, "too many asks wait on this node"});
    return errc::overloaded;
  }
  message.what->encode(message.payload(), out_);
  const auto size = bytes_->size();
  const errc sent = node_.posts().give(to_, std::move(*bytes_), {&key, 1});
  if (auto* here = host::current(); here && here->running() && sent == errc::ok) {
    here->running()->count_bytes_out(size, *here);
  }
  if (sent != errc::ok) node_.events().lost(to, message.what, not_sent(sent, to_));
  if (sent != errc::ok && request_ != 0) {
    if (const auto sink = node_.asks().withdraw(request_)) {
      sink->fail(not_sent(sent, to_));
    }
  }
  return sent;
}

void incoming_frame::write_head(writer& out) const {
  encode(out, message);
  out.varint(request);
  out.varint(left_ms);
  encode(out, chain);
}

detail::envelope_ptr incoming_frame::read_message(const detail::behaviour_type& type,
                                                  detail::node_inside& node,
                                                  const std::string& from, reader& in) const {
  const auto* what = type.find(message);
  if (!what) {
    refuse(node, from,
           {errc::unknown_message, std::string{type.name} + " on this node has no such message"},
           {type.name, {}});
    return nullptr;
  }
  auto read = detail::read_envelope(*what, in);
  if (!read) {
    in.fail();
    refuse(node, from, {errc::malformed, std::string{type.name} + "." + std::string{what->name}},
           {type.name, {}});
    return nullptr;
  }
  if (request != 0) {
    give_asker(*read, std::make_unique<remote_sink>(node, from, request, what, reliable), chain,
               left_ms);
  }
  return read;
}

void incoming_frame::refuse(detail::node_inside& node, const std::string& from, const error& why,
                            const receiver& to) const {
  node.events().lost(to, nullptr, why);
  if (request == 0) return;
  std::string frame;
  writer out{frame};
  write_failure(out, request, why);
  (void)node.posts().give(from, std::move(frame), {&request, 1});
}

}  // namespace troupe::runtime
