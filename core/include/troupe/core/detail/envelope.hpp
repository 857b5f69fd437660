// A message on its way: its handler, who waits for the answer, and the message itself behind them.
#pragma once

#include <troupe/core/detail/call_chain.hpp>
#include <troupe/core/errc.hpp>
#include <troupe/core/wire.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {
class context;
}

namespace troupe::detail {

using time_point = std::chrono::steady_clock::time_point;

/// Where the answer of one ask goes. Exactly one of the two is called, once, from any thread.
class answer_sink {
 public:
  virtual ~answer_sink() = default;
  virtual void answer(void* value) = 0;  ///< an R* of the handler's answer type; may be moved from
  virtual void fail(error why) = 0;
  /// Nobody waits any more: the message need not be handled.
  [[nodiscard]] virtual bool abandoned() const noexcept { return false; }
  /// The message is to be handled whoever waits, and is sent again until it was.
  [[nodiscard]] virtual bool reliable() const noexcept { return false; }
  virtual void release() noexcept { delete this; }  ///< by its owner, last

  call_chain chain;  ///< the handlers that wait for this answer; set before the ask is sent
};
struct sink_deleter {
  sink_deleter() = default;
  template <class S>
  sink_deleter(std::default_delete<S>) noexcept {}  // NOLINT: what make_unique gives
  void operator()(answer_sink* sink) const noexcept { sink->release(); }
};
using sink_ptr = std::unique_ptr<answer_sink, sink_deleter>;

/// An answer that may not be given yet.
class kept_answer {
 public:
  virtual ~kept_answer() = default;
  virtual void give(answer_sink& to) = 0;  ///< once
};

/// Who a message is for, in the order in which a cell takes them; those from `signal` on pass all
/// that wait.
enum class lane : std::uint8_t {
  user,         ///< counted against the mailbox's bound
  own,          ///< what the actor waits for itself: answers, ticks; behind what came before
  supervision,  ///< a child ended
  stop,
  signal,
};

/// One message of one behaviour, erased: how to run, destroy, write and read it.
struct handler {
  std::string_view name;  ///< "add"
  std::uint32_t id = 0;   ///< wire_id(name)
  std::size_t size = 0;
  lane on = lane::user;
  bool plain = false;  ///< its bytes can be copied
  /// `destroy` also frees the envelope, which is part of something larger.
  bool embedded = false;
  const void* tag = nullptr;         ///< identity of the message's type in this process
  const void* answer_tag = nullptr;  ///< identity of the answer's type; null: no answer
  void (*invoke)(void* self, void* message, context& ctx, sink_ptr& sink) = nullptr;
  void (*destroy)(void* message) noexcept = nullptr;         ///< null: nothing to do
  void (*copy)(const void* message, void* where) = nullptr;  ///< null: cannot be told to many
  const handler* shared = nullptr;  ///< how one of many that share it is handled
  void (*encode)(const void* message, writer& out) = nullptr;
  bool (*decode)(reader& in, void* where) = nullptr;  ///< constructs at `where` only when true
  void (*encode_answer)(const void* value, writer& out) = nullptr;  ///< null: no answer
  void (*decode_answer)(reader& in, answer_sink& sink) = nullptr;
  std::unique_ptr<kept_answer> (*keep_answer)(void* value) = nullptr;  ///< moves it
};

/// Throws std::logic_error unless `what` is answered by the type of this tag.
void check_answer(const handler& what, const void* answer_tag);

/// Header of a message in memory; the message lies `payload_offset` bytes behind its start.
struct envelope {
  envelope* next = nullptr;  ///< in one queue at a time
  const handler* what = nullptr;
  sink_ptr sink;  ///< null: nobody waits
  time_point deadline =
      time_point::max();  ///< of the ask; the message is dropped unhandled after it

  static constexpr std::size_t payload_offset = 32;
  [[nodiscard]] void* payload() noexcept {
    return reinterpret_cast<std::byte*>(this) + payload_offset;
  }
  /// The envelope around a message.
  [[nodiscard]] static envelope& around(void* payload) noexcept {
    return *reinterpret_cast<envelope*>(static_cast<std::byte*>(payload) - payload_offset);
  }
};
static_assert(sizeof(envelope) <= envelope::payload_offset);
static_assert(envelope::payload_offset % alignof(std::max_align_t) == 0);

/// Destroys the message; whoever still waits for its answer is told that it was dropped.
void destroy(envelope* message) noexcept;

struct envelope_deleter {
  void operator()(envelope* message) const noexcept { destroy(message); }
};
using envelope_ptr = std::unique_ptr<envelope, envelope_deleter>;

/// Memory for an envelope and `payload` bytes behind it, from the worker's pool.
[[nodiscard]] envelope* allocate_envelope(std::size_t payload);
/// Frees it without a look at its message.
void free_raw(envelope* message, std::size_t payload) noexcept;

/// A message for the behaviour that `what` belongs to.
template <class M>
[[nodiscard]] envelope_ptr make_envelope(const handler& what, M&& message) {
  using plain = std::remove_cvref_t<M>;
  static_assert(alignof(plain) <= alignof(std::max_align_t),
                "troupe: over-aligned messages cannot be sent");
  envelope* raw = allocate_envelope(sizeof(plain));
  try {
    ::new (raw->payload()) plain(std::forward<M>(message));
  } catch (...) {
    free_raw(raw, sizeof(plain));
    throw;
  }
  raw->what = &what;
  return envelope_ptr{raw};
}

/// Reads a message for `what` from its wire form; null when the bytes are not such a message.
[[nodiscard]] envelope_ptr read_envelope(const handler& what, reader& in);

/// A copy of the message for another receiver, without a sink.
[[nodiscard]] envelope_ptr copy_envelope(envelope& message);

}  // namespace troupe::detail
