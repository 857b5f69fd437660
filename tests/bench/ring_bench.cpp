// How fast a ring is built and read, and how evenly it loads its members: one line each, `name
// value unit`.
#include <troupe/sharding/ring.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

namespace {

using namespace troupe::sharding;
using clock_type = std::chrono::steady_clock;

constexpr int rounds = 9;

view hundred_nodes() {
  view v{1, {}};
  for (int i = 0; i < 100; ++i) {
    member m;
    m.name = "node-" + std::to_string(1000 + i);
    v.members.push_back(m);
  }
  return v;
}

double seconds_since(clock_type::time_point start) {
  return std::chrono::duration<double>(clock_type::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double build_time(const view& v, const troupe::sharding_options& options) {
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) {
    const auto start = clock_type::now();
    const ring r{v, options};
    times.push_back(seconds_since(start));
  }
  return median(times);
}

// From the entity's id to its node, over ids of a usual length.
double lookup_rate(const ring& r, std::uint32_t shards, std::uint64_t& sink) {
  std::vector<std::string> ids;
  for (int i = 0; i < 4096; ++i) ids.push_back("guild/" + std::to_string(1'000'000 + i));
  std::vector<double> rates;
  for (int i = 0; i < rounds; ++i) {
    const auto start = clock_type::now();
    for (int pass = 0; pass < 256; ++pass) {
      for (const std::string& id : ids) sink += r.owner(shard_of(id, shards));
    }
    rates.push_back(256.0 * static_cast<double>(ids.size()) / seconds_since(start));
  }
  return median(rates);
}

double max_over_mean(const ring& r, const view& v, std::uint32_t shards) {
  std::uint32_t most = 0;
  for (member_index m = 0; m < v.members.size(); ++m) most = std::max(most, r.shards_of(m));
  return most * static_cast<double>(v.members.size()) / shards;
}

}  // namespace

int main() {
  const view v = hundred_nodes();
  const troupe::sharding_options options;
  const ring r{v, options};
  std::uint64_t sink = 0;

  std::printf("ring_lookup_rate %.0f 1/s\n", lookup_rate(r, options.shards, sink));
  std::printf("ring_build_time %.3f ms\n", 1e3 * build_time(v, options));
  std::printf("ring_max_over_mean %.3f ratio\n", max_over_mean(r, v, options.shards));
  return sink == 0 ? 1 : 0;  // keeps the lookups from being optimized away
}
