// One dynamic supervisor in parts, for many who start children: a key chooses the part.
#pragma once

#include <troupe/supervision/supervisor.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::supervision {

inline constexpr std::size_t max_partitions = 1024;

/// Elixir's PartitionSupervisor: a one_for_one supervisor called "partitioned" over `count` like
/// `part`, called "0", "1", …, for a tree or for `partitions::start`. What `part` says holds for
/// each: with `max_children(100)`, 8 have 800. Throws std::invalid_argument when `part` is not
/// dynamic, or `count` is 0 or more than `max_partitions`.
[[nodiscard]] supervisor_spec partitioned(supervisor_spec part, std::size_t count);

/// Which of `count` partitions a key has: the same on every machine and in every version. Keys that
/// follow each other are spread; a number and its text are two keys. `count` must not be 0.
[[nodiscard]] std::size_t partition_of(std::string_view key, std::size_t count) noexcept;
[[nodiscard]] std::size_t partition_of(std::uint64_t key, std::size_t count) noexcept;

/// The addresses of running partitions; copies are of the same ones. They stay while partitions are
/// restarted, but are others when the supervisor above them is: find them again then.
class partitions {
 public:
  /// As supervisor::start. `invalid_config`: the tree is none that `partitioned` gives.
  static result<partitions> start(node& on, const supervisor_spec& tree,
                                  std::chrono::nanoseconds time = std::chrono::minutes{1});
  /// Those below `top`, which `supervisor::group` finds in a tree. Not from a worker. `refused`:
  /// they are no partitions.
  static result<partitions> find(const supervisor& top);

  /// Where children of this key are started, on any thread, without asking anybody:
  /// `of(user).start_child(child<session>(user))`, in a handler
  /// `of(user).start_child(ctx, child<session>(user))`.
  [[nodiscard]] const supervisor& of(std::string_view key) const {
    return parts_[partition_of(key, parts_.size())];
  }
  [[nodiscard]] const supervisor& of(std::integral auto key) const {
    return parts_[partition_of(static_cast<std::uint64_t>(key), parts_.size())];
  }
  [[nodiscard]] const std::vector<supervisor>& all() const noexcept { return parts_; }
  /// The supervisor above them.
  [[nodiscard]] const supervisor& top() const noexcept { return top_; }

 private:
  explicit partitions(supervisor top) : top_(std::move(top)) {}

  supervisor top_;
  std::vector<supervisor> parts_;
};

}  // namespace troupe::supervision
