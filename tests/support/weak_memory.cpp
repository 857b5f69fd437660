#include "weak_memory.hpp"

#include <algorithm>
#include <utility>

namespace testing_support::interleaving {

namespace {

bool acquires(std::memory_order order) {
  return order != std::memory_order_relaxed && order != std::memory_order_release;
}
bool releases(std::memory_order order) {
  return order == std::memory_order_release || order == std::memory_order_acq_rel ||
         order == std::memory_order_seq_cst;
}
std::string race(std::size_t thread, const char* does, std::size_t other) {
  return "thread " + std::to_string(thread) + ' ' + does + " a plain field that thread " +
         std::to_string(other) + " used, and nothing orders the two";
}

}  // namespace

void weak_memory::view::join(const view& other) {
  for (std::size_t i = 0; i < clock.size(); ++i) clock[i] = std::max(clock[i], other.clock[i]);
  for (std::size_t i = 0; i < oldest.size(); ++i) oldest[i] = std::max(oldest[i], other.oldest[i]);
}

void weak_memory::clear() {
  places_ = 0;
  for (auto& stores : stores_) stores.clear();
  newest_seq_cst_ = {};
  knows_ = {};
  for (std::size_t i = 0; i < knows_.size(); ++i) knows_[i].clock[i] = 1;
}

std::size_t weak_memory::new_place(std::size_t thread, word first) {
  stores_[places_].push_back({first, knows_[thread]});
  return places_++;
}

void weak_memory::fork(std::size_t count) {
  for (std::size_t i = 1; i <= count; ++i) knows_[i].join(knows_[outside]);
  ++knows_[outside].clock[outside];
}

void weak_memory::join(std::size_t count) {
  for (std::size_t i = 1; i <= count; ++i) knows_[outside].join(knows_[i]);
}

std::uint32_t weak_memory::newest(std::size_t place) const {
  return static_cast<std::uint32_t>(stores_[place].size() - 1);
}

std::uint32_t weak_memory::oldest_for(std::size_t thread, std::size_t place,
                                      std::memory_order order) const {
  const auto known = knows_[thread].oldest[place];
  return order == std::memory_order_seq_cst ? std::max(known, newest_seq_cst_[place]) : known;
}

word weak_memory::see(std::size_t thread, std::size_t place, std::uint32_t index,
                      std::memory_order order) {
  auto& knows = knows_[thread];
  const auto& seen = stores_[place][index];
  knows.oldest[place] = std::max(knows.oldest[place], index);
  if (acquires(order)) knows.join(seen.released);
  return seen.value;
}

void weak_memory::store(std::size_t thread, std::size_t place, word value,
                        std::memory_order order) {
  add(thread, place, {value, {}}, order);
}

void weak_memory::replace(std::size_t thread, std::size_t place, word value,
                          std::memory_order order) {
  add(thread, place, {value, stores_[place].back().released}, order);
}

void weak_memory::add(std::size_t thread, std::size_t place, stored made, std::memory_order order) {
  auto& knows = knows_[thread];
  const auto index = static_cast<std::uint32_t>(stores_[place].size());
  knows.oldest[place] = index;
  if (releases(order)) made.released.join(knows);
  made.released.oldest[place] = index;
  if (order == std::memory_order_seq_cst) newest_seq_cst_[place] = index;
  stores_[place].push_back(std::move(made));
  ++knows.clock[thread];  // what it does from here on is not released by this store
}

std::string weak_memory::read(std::size_t thread, history& of) const {
  const auto& clock = knows_[thread].clock;
  if (of.written > clock[of.writer]) return race(thread, "reads", of.writer);
  of.read[thread] = clock[thread];
  return {};
}

std::string weak_memory::write(std::size_t thread, history& of) const {
  const auto& clock = knows_[thread].clock;
  if (of.written > clock[of.writer]) return race(thread, "writes", of.writer);
  for (std::size_t i = 0; i < clock.size(); ++i) {
    if (of.read[i] > clock[i]) return race(thread, "writes", i);
  }
  of = {thread, clock[thread], {}};
  return {};
}

}  // namespace testing_support::interleaving
