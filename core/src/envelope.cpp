#include <troupe/core/detail/envelope.hpp>
#include <troupe/core/detail/route.hpp>

#include <stdexcept>
#include <string>

namespace troupe::detail {

void check_answer(const handler& what, const void* answer_tag) {
  if (what.answer_tag == answer_tag) return;
  throw std::logic_error("troupe: " + std::string{what.name} +
                         " is answered by another type than the one promised or delegated to");
}

envelope* allocate_envelope(std::size_t payload) {
  void* memory = ::operator new(envelope::payload_offset + payload);
  return ::new (memory) envelope{};
}

void free_raw(envelope* message) noexcept {
  message->~envelope();
  ::operator delete(message);
}

void destroy(envelope* message) noexcept {
  if (message->sink) {
    message->sink->fail({errc::stopped, "the message was dropped unhandled"});
  }
  if (message->what) message->what->destroy(message->payload());
  free_raw(message);
}

envelope_ptr read_envelope(const handler& what, reader& in) {
  envelope* raw = allocate_envelope(what.size);
  if (!what.decode(in, raw->payload())) {
    free_raw(raw);
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
    free_raw(raw);
    throw;
  }
  raw->what = message.what;
  return envelope_ptr{raw};
}

errc route::send(envelope_ptr message) const {
  if (via) return via->send(to, std::move(message));
  if (auto sink = std::move(message->sink)) {
    sink->fail({errc::stopped, "this reference points nowhere"});
  }
  return errc::stopped;
}

}  // namespace troupe::detail
