// How a cell begins, crashes, starts afresh and ends.
#pragma once

#include "runtime/cell.hpp"
#include "runtime/cell_context.hpp"

#include <utility>

namespace troupe::runtime {

/// What a crash report says of a throw that carries no text.
inline constexpr auto unknown_throw = "something that is no std::exception";

/// A message of the runtime to a cell, which runs `act(cell&, cell_context&)`.
template <detail::lane Lane, class F>
detail::envelope_ptr make_signal(F act) {
  static const detail::handler how = [] {
    detail::handler h;
    h.name = "signal";
    h.size = sizeof(F);
    h.on = Lane;
    h.invoke = [](void*, void* what, context& ctx, detail::sink_ptr&) {
      auto& mine = static_cast<cell_context&>(ctx);
      (*static_cast<F*>(what))(mine.owner(), mine);
    };
    h.destroy = [](void* what) noexcept { static_cast<F*>(what)->~F(); };
    return h;
  }();
  return detail::make_envelope(how, std::move(act));
}

}  // namespace troupe::runtime
