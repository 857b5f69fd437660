// Where messages go: an address, and the carrier that takes a message there.
#pragma once

#include <troupe/core/detail/envelope.hpp>
#include <troupe/core/errc.hpp>

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::detail {

/// An actor by its node's name and its number there, or an entity by its id (number 0).
///
/// An actor's number is never used again, not even by a later process of the same node name.
struct place {
  std::string name;
  std::uint64_t number = 0;

  friend auto operator<=>(const place&, const place&) = default;
};

/// Takes messages to places of one kind: to actors, or to the entities of one type.
class carrier {
 public:
  virtual ~carrier() = default;

  /// `ok`: on its way. Anything else: it will not be handled, and the sink, if any, has been told
  /// why. Any thread; never blocks. Messages of one thread to one place stay in order.
  virtual errc send(const place& to, envelope_ptr message) = 0;

  /// The same message to many, written once per node. Places that cannot be reached now are
  /// skipped.
  virtual void send_many(const std::vector<place>& to, envelope_ptr message) = 0;
};

/// Finds carriers for references that arrive in messages.
class locator {
 public:
  virtual ~locator() = default;
  virtual std::shared_ptr<carrier> actors() = 0;
  virtual std::shared_ptr<carrier> entities(std::string_view type) = 0;
};

/// A place and how to get there. Plain value; keeps the carrier alive, not the node running.
struct route {
  std::shared_ptr<carrier> via;
  place to;

  /// Like carrier::send; a route to nowhere (default-constructed) answers `stopped`.
  errc send(envelope_ptr message) const;
};

}  // namespace troupe::detail
