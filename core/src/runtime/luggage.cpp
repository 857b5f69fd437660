#include "runtime/luggage.hpp"

#include "inside.hpp"
#include "runtime/remote_ask.hpp"

#include <memory>
#include <utility>

namespace troupe::runtime {

namespace {

constexpr std::uint64_t refused_number = ~std::uint64_t{0};  // of no request

detail::envelope_ptr read(std::uint32_t message, const std::string& body,
                          const detail::behaviour_type& type, detail::node_inside& here) {
  const auto* what = type.find(message);
  if (!what) return nullptr;
  reader in{body, &here};
  return detail::read_envelope(*what, in);
}

/// Who waits for what was packed, as seen from here; null: nobody any more.
detail::sink_ptr asker_of(const packed_message& packed, detail::node_inside& here,
                          const detail::handler* what) {
  if (packed.asker == here.node_name()) {
    return here.asks().withdraw(packed.request);
  }
  return std::make_unique<remote_sink>(here, packed.asker, packed.request, what, packed.reliable);
}

}  // namespace

bool pack(const journey& how, detail::envelope& message, packed_message& into,
          std::uint64_t& lent) {
  if (message.sink && message.sink->abandoned()) return false;
  into.message = message.what->id;
  writer out{into.body};
  message.what->encode(message.payload(), out);
  if (!message.sink) return true;
  into.left_ms = milliseconds_left(message.deadline);
  message.sink->chain.each([&](std::uint64_t waiter) { into.chain.push_back(waiter); });
  if (const auto* const far = dynamic_cast<const remote_sink*>(message.sink.get())) {
    into.asker = far->asker();
    into.request = far->request();
    into.reliable = far->reliable();
    return true;
  }
  into.asker = how.node.node_name();
  into.request = how.node.asks().add(how.to, message);
  lent = into.request != 0 ? into.request : refused_number;
  return into.request != 0;
}

detail::envelope_ptr unpack(const packed_message& packed, const detail::behaviour_type& type,
                            detail::node_inside& here, std::string_view id) {
  auto message = read(packed.message, packed.body, type, here);
  const auto* const what = message ? message->what : nullptr;
  auto sink = packed.request != 0 ? asker_of(packed, here, what) : nullptr;
  if (!message) {
    const error why{errc::unknown_message, std::string{type.name} + " on " + here.node_name() +
                                               ", where it has moved, does not read this message"};
    here.events().lost({type.name, id}, nullptr, why);
    if (sink) sink->fail(why);
    return nullptr;
  }
  if (packed.request == 0) return message;
  if (!sink) return nullptr;
  if (packed.asker != here.node_name()) {
    give_asker(*message, std::move(sink), packed.chain, packed.left_ms);
  } else {
    give_asker(*message, std::move(sink), {}, packed.left_ms);  // it has its chain
  }
  return message;
}

void refuse(const packed_message& packed, const receiver& whom, detail::node_inside& here,
            const error& why) {
  here.events().lost(whom, nullptr, why);
  if (packed.request == 0) return;
  if (const auto sink = asker_of(packed, here, nullptr)) sink->fail(why);
}

std::size_t bytes_of(const luggage& all) noexcept {
  std::size_t bytes = all.state.size() + 64;
  for (const auto& m : all.waiting) bytes += m.body.size() + 32;
  for (const auto& m : all.stashed) bytes += m.body.size() + 32;
  for (const auto& t : all.timers) bytes += t.name.size() + t.body.size() + 32;
  for (const auto& c : all.children) bytes += c.id.size() + bytes_of(c.has);
  return bytes;
}

detail::envelope_ptr unpack(const packed_timer& packed, const detail::behaviour_type& type,
                            detail::node_inside& here) {
  return read(packed.message, packed.body, type, here);
}

}  // namespace troupe::runtime
