#include "runtime/pool.hpp"
#include <troupe/core/detail/envelope.hpp>

#include <stdexcept>
#include <string>

namespace troupe::detail {

void check_answer(const handler& what, const void* answer_tag) {
  if (what.answer_tag == answer_tag) return;
  throw std::logic_error("troupe: " + std::string{what.name} +
                         " is answered by another type than the one promised or delegated to");
}

envelope* allocate_envelope(std::size_t payload) {
  // In whole 16 bytes, so that the pool aligns it like operator new.
  const auto size = (envelope::payload_offset + payload + 15) / 16 * 16;
  return ::new (runtime::pool_allocate(size)) envelope{};
}

void free_raw(envelope* message, std::size_t payload) noexcept {
  message->~envelope();
  runtime::pool_free(message, (envelope::payload_offset + payload + 15) / 16 * 16);
}

void destroy(envelope* message) noexcept {
  if (message->sink) {
    message->sink->fail({errc::stopped, "the message was dropped unhandled"});
  }
  const auto& what = *message->what;
  if (what.destroy) what.destroy(message->payload());
  if (!what.embedded) free_raw(message, what.size);
}

envelope_ptr read_envelope(const handler& what, reader& in) {
  envelope* raw = allocate_envelope(what.size);
  if (!what.decode(in, raw->payload())) {
    free_raw(raw, what.size);
    return nullptr;
  }
  raw->what = &what;
  return envelope_ptr{raw};
}

envelope_ptr copy_envelope(envelope& message) {
  envelope* raw = allocate_envelope(message.what->size);
  try {
    message.what->copy(message.payload(), raw->payload());
  } catch (...) {
    free_raw(raw, message.what->size);
    throw;
  }
  raw->what = message.what;
  return envelope_ptr{raw};
}

}  // namespace troupe::detail
