// Memory as C++ orders it, by views: what each thread knows of others and of each atomic's stores.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace testing_support::interleaving {

constexpr std::size_t most_threads = 4;
constexpr std::size_t most_places = 8;  ///< atomics in use at a time
constexpr std::size_t outside = 0;      ///< the thread that makes the others and comes after them

using word = std::uint64_t;

/// Who accessed a plain field last, by the clocks of the threads.
struct history {
  std::size_t writer = outside;
  std::uint32_t written = 0;
  std::array<std::uint32_t, most_threads + 1> read{};
};

/// The stores of each atomic, in the order they were made, and what each thread knows of them.
class weak_memory {
 public:
  void clear();
  std::size_t places() const { return places_; }
  std::size_t new_place(std::size_t thread, word first);

  /// Threads 1 to `count` begin, knowing what `outside` does; they end, and `outside` knows all.
  void fork(std::size_t count);
  void join(std::size_t count);

  std::uint32_t newest(std::size_t place) const;
  /// The first store that a load of `thread` may still see.
  std::uint32_t oldest_for(std::size_t thread, std::size_t place, std::memory_order order) const;
  word value(std::size_t place, std::uint32_t index) const { return stores_[place][index].value; }
  /// `thread` loads that store.
  word see(std::size_t thread, std::size_t place, std::uint32_t index, std::memory_order order);
  void store(std::size_t thread, std::size_t place, word value, std::memory_order order);
  /// The store of a read-modify-write of the newest, which goes on with its release sequence.
  void replace(std::size_t thread, std::size_t place, word value, std::memory_order order);

  /// A plain access; what it races with in words, or nothing.
  std::string read(std::size_t thread, history& of) const;
  std::string write(std::size_t thread, history& of) const;

 private:
  struct view {
    std::array<std::uint32_t, most_threads + 1> clock{};
    std::array<std::uint32_t, most_places> oldest{};
    void join(const view& other);
  };
  struct stored {
    word value = 0;
    view released;  // what who acquires it learns
  };

  void add(std::size_t thread, std::size_t place, stored made, std::memory_order order);

  std::size_t places_ = 0;
  std::array<std::vector<stored>, most_places> stores_;
  std::array<std::uint32_t, most_places> newest_seq_cst_{};
  std::array<view, most_threads + 1> knows_;
};

}  // namespace testing_support::interleaving
