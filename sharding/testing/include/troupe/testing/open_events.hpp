// Calls and returns of a history in their order, of which some are taken out and put back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace troupe::testing {

inline constexpr std::uint64_t never = ~std::uint64_t{0};

struct operation_times {
  std::uint64_t invoked = 0;
  std::uint64_t returned = never;
};

/// For `linearization`: the events of the operations that are not done yet, as a list. At equal
/// times calls come before returns, so that such operations overlap. Taking out and putting back
/// are constant time; what was taken out last is put back first.
class open_events {
 public:
  using position = std::uint32_t;  ///< 0: the end

  explicit open_events(const std::vector<operation_times>& operations);

  [[nodiscard]] position first() const noexcept { return nodes_[0].next; }
  [[nodiscard]] position after(position at) const noexcept { return nodes_[at].next; }
  [[nodiscard]] bool is_call(position at) const noexcept { return nodes_[at].call; }
  /// Index of the operation.
  [[nodiscard]] std::uint32_t of(position at) const noexcept { return nodes_[at].operation; }
  /// Operations in the list that have returned.
  [[nodiscard]] std::size_t must_return() const noexcept { return must_return_; }

  void lift(position call);
  void put_back(position call);

 private:
  struct node {
    std::uint32_t operation = 0;
    bool call = false;
    position next = 0;
    position previous = 0;
    position answer = 0;  // of a call: its return; 0: none
  };
  void unlink(position at);
  void link(position at);

  std::vector<node> nodes_;  // the first is the end
  std::size_t must_return_ = 0;
};

[[nodiscard]] std::uint64_t digest_of(const std::vector<std::uint64_t>& words) noexcept;

}  // namespace troupe::testing
