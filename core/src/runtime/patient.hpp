// Who waits for a durable entity waits until what it says may leave.
#pragma once

#include <troupe/core/detail/envelope.hpp>
#include <troupe/core/detail/offloaded_job.hpp>

#include <memory>

namespace troupe::runtime {

class cell;

/// The answer of what `by` is about to handle is held back with what else it does. It may be given
/// in its turn, or later and elsewhere.
void make_patient(cell& by, detail::envelope& handled);
/// Who it was before, if that was done to it.
void make_impatient(detail::sink_ptr& sink) noexcept;
/// What is submitted to it in turns of `by` is held, and goes to `pool`.
[[nodiscard]] std::unique_ptr<detail::offload_queue> make_patient(cell& by,
                                                                  detail::offload_queue& pool);

}  // namespace troupe::runtime
