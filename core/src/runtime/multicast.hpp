// One message to many receivers: shared where it can be, written once for each other node.
#pragma once

#include <troupe/core/detail/route.hpp>
#include <troupe/core/detail/shared.hpp>

namespace troupe::runtime {

/// Delivers `message` to each of `to`, in this order. Those that cannot be reached, or whose queue
/// is full, are skipped. Any thread.
void send_many(const detail::route_range& to, detail::envelope_ptr message);

/// Makes the envelopes for one message, up to `expected` of them. Those of the same thread nest:
/// while it lives, the cells that the thread makes ready are some of many.
class sharer {
 public:
  sharer(detail::envelope_ptr message, std::size_t expected);
  sharer(const sharer&) = delete;
  sharer& operator=(const sharer&) = delete;
  ~sharer();
  [[nodiscard]] detail::envelope_ptr next();

 private:
  struct original;
  friend struct detail::shared_batch;
  friend void detail::leave_shared(void*) noexcept;
  void begin_batch();
  void end_batch() noexcept;

  original* original_;
  detail::shared_batch* batch_ = nullptr;  // may be freed once all of it is given
  std::size_t left_;                       // envelopes still expected
  std::uint32_t ungiven_ = 0;              // of the batch
  const bool outer_;                       // what the thread readied before is one of many, too
};

}  // namespace troupe::runtime
