// Where messages go: an address, and the way there.
#pragma once

#include <troupe/core/detail/envelope.hpp>
#include <troupe/core/errc.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::runtime {
class cell;
class cell_ptr;
struct link_word;
}  // namespace troupe::runtime

namespace troupe::detail {

/// An actor by its node's name and its number there, or an entity by its id (number 0).
///
/// An actor's number is never used again, not even by a later process of the same node name.
struct place {
  std::string name;
  std::uint64_t number = 0;

  friend auto operator<=>(const place&, const place&) = default;
};

class end_listener;

/// Takes messages to places of one kind: to actors of other nodes, or to the entities of one type.
class carrier {
 public:
  virtual ~carrier() = default;

  /// `ok`: on its way. Anything else: it will not be handled, and the sink, if any, has been told
  /// why. Any thread; never blocks. Messages of one thread to one place stay in order.
  virtual errc send(const place& to, envelope_ptr message) = 0;

  /// The same message to many, written once per node. Places that cannot be reached now are
  /// skipped.
  virtual void send_many(const std::vector<const place*>& to, envelope_ptr message) = 0;

  /// Tells `who`, who waits for no other, of the end of the actor there, at once when it has ended.
  /// `unavailable`: it cannot be watched from here; `overloaded`: nor can any more.
  virtual errc watch(const place&, const std::shared_ptr<end_listener>&) {
    return errc::unavailable;
  }
  /// `who` need not be told any more; it may be told all the same.
  virtual void unwatch(const place&, const std::shared_ptr<end_listener>&) {}
  /// Takes what the actor `by` of this node says about its link with the one there; in order.
  /// `unavailable`: it cannot be linked; `overloaded`: nor can any more.
  virtual errc link(const place&, std::uint64_t /*by*/, const runtime::link_word&) {
    return errc::unavailable;
  }
};

class route;

/// Finds ways for references that arrive in messages.
class locator {
 public:
  virtual ~locator() = default;
  virtual route actor(place where) = 0;
  virtual std::shared_ptr<carrier> entities(std::string_view type) = 0;
};

/// A counted pointer: straight to an actor's cell on this node, or to a place and its carrier.
///
/// Keeps that memory alive, not the actor and not the node. Plain value of one word; any thread.
class route {
 public:
  route() noexcept = default;
  route(std::shared_ptr<carrier> via, place to);
  explicit route(runtime::cell& actor) noexcept;
  explicit route(runtime::cell_ptr actor) noexcept;  ///< takes over its count; null: to nowhere
  route(const route& other) noexcept : word_(other.word_) { share(); }
  route(route&& other) noexcept : word_(std::exchange(other.word_, 0)) {}
  route& operator=(route other) noexcept {
    std::swap(word_, other.word_);
    return *this;
  }
  ~route() {
    if (word_) leave();
  }

  /// Like carrier::send; a route to nowhere (default-constructed) answers `stopped`.
  errc send(envelope_ptr message) const;
  /// Tells `who` of the actor's end, as carrier::watch; of one to nowhere at once.
  errc watch(const std::shared_ptr<end_listener>& who) const;
  /// It need not be told any more; it may be told all the same if that is on its way.
  void unwatch(const std::shared_ptr<end_listener>& who) const;
  /// The address as it is written for other nodes, which can use it from now on.
  [[nodiscard]] place whereabouts() const;
  [[nodiscard]] explicit operator bool() const noexcept { return word_ != 0; }
  [[nodiscard]] runtime::cell* cell() const noexcept;     ///< null: not straight
  [[nodiscard]] const place& far_place() const noexcept;  ///< of one that is not straight
  [[nodiscard]] const std::shared_ptr<carrier>& via()
      const noexcept;  ///< null: straight, or nowhere

  friend bool operator==(const route& a, const route& b) noexcept;
  friend std::strong_ordering operator<=>(const route& a, const route& b) noexcept;

 private:
  struct far;
  [[nodiscard]] far* away() const noexcept;
  void share() const noexcept;
  void leave() noexcept;

  std::uintptr_t word_ = 0;  // a cell; or, with its lowest bit set, a far; or nothing
};

/// Many routes, wherever they lie; valid while they do.
struct route_range {
  const void* first = nullptr;
  std::size_t count = 0;
  const route& (*at)(const void* first, std::size_t index) = nullptr;

  [[nodiscard]] const route& operator[](std::size_t index) const { return at(first, index); }
};

}  // namespace troupe::detail
