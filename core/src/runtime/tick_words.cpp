#include "runtime/tick_words.hpp"

#include <cstring>

namespace troupe::runtime {

using detail::envelope;
using detail::envelope_ptr;
using detail::handler;

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

const handler* handler_in(const tick_words& words) noexcept {
  if (form_of(words) == form::repeated) return nullptr;
  if (form_of(words) == form::plain) return reinterpret_cast<const handler*>(words[0]);
  return reinterpret_cast<const envelope*>(words[2])->what;
}

void write_message(const tick_words& words, packed_timer& into) {
  const auto* const what = handler_in(words);
  if (!what) return;
  into.message = what->id;
  writer out{into.body};
  const bool plain = form_of(words) == form::plain;
  what->encode(plain ? &words[2] : reinterpret_cast<envelope*>(words[2])->payload(), out);
}

}  // namespace troupe::runtime
