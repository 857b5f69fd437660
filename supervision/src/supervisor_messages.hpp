// What a supervisor's actor is told and asked, by its own timers, by actors and by other threads.
#pragma once

#include "branch.hpp"
#include <troupe/core/codec.hpp>
#include <troupe/core/detail/kept_child.hpp>
#include <troupe/core/detail/route.hpp>
#include <troupe/supervision/supervisor_events.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace troupe::supervision {

/// Something in a message that stays on its node: on the wire it is refused as malformed.
template <class T>
struct here_only {
  T value;
};

/// Who waits for a tree to be up. Told once; any thread.
class start_line {
 public:
  virtual ~start_line() = default;
  virtual void tell(result<void> outcome) = 0;
};

struct supervisor_messages {
  struct timer_due {
    child_key child;
    std::uint64_t number;
  };
  struct kill_due {
    child_key child;
    std::uint64_t run;
  };
  enum class order : std::uint8_t { terminate, restart, erase };
  struct administer {
    order what;
    child_name who;
  };
  /// A child that has its address already.
  using early_ptr = std::shared_ptr<detail::early_child>;
  struct adoption {
    branch_ptr what;
    early_ptr child;
  };
  struct answer {
    admin code = admin::ok;
    child_key key = 0;
    std::string what;
  };
  struct find {
    child_name who;
  };
  struct finding {
    detail::route where;
    const detail::behaviour_type* type = nullptr;  ///< null: nobody
  };
  struct get_children {};
  struct get_counts {};
  struct has_supervisor {};
  struct get_tree {
    std::uint64_t most;
  };
};

}  // namespace troupe::supervision

namespace troupe {

template <class T>
struct codec<supervision::here_only<T>> {
  static void encode(const supervision::here_only<T>&, writer&) {}
  static bool decode(supervision::here_only<T>&, reader&) { return false; }
};

/// A key or an id.
template <>
struct codec<supervision::child_name> {
  static void encode(const supervision::child_name& who, writer& out);
  static bool decode(supervision::child_name& who, reader& in);
};

}  // namespace troupe
