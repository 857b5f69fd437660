// What it costs to write and to read messages: fields found by decomposition, numbers as varints,
// every read checked against the end. `name value unit`.
#include <troupe/core/codec.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;

constexpr int rounds = 9;

struct point {
  std::int32_t x = 0;
  std::int32_t y = 0;
};

struct post {
  std::uint64_t author = 0;
  std::uint64_t number = 0;
  std::int64_t at = 0;
  std::string text;
};

struct document {
  std::vector<std::uint64_t> members;
  std::vector<point> path;
  std::string body;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Nanoseconds of one call, over enough of them to be measured.
template <class Work>
double cost(std::size_t times, const Work& work) {
  std::vector<double> found;
  for (int round = 0; round < rounds; ++round) {
    const auto begin = clock_type::now();
    for (std::size_t i = 0; i < times; ++i) work();
    const std::chrono::duration<double, std::nano> took = clock_type::now() - begin;
    found.push_back(took.count() / static_cast<double>(times));
  }
  return median(found);
}

/// Tells the compiler that somebody looks at `value`.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

template <class T>
std::string encoded(const T& value) {
  std::string bytes;
  troupe::writer out{bytes};
  troupe::encode(out, value);
  return bytes;
}

template <class T>
void measure(const char* name, const T& value, std::size_t times) {
  const std::string bytes = encoded(value);
  std::string out_bytes;
  const double written = cost(times, [&] {
    out_bytes.clear();
    troupe::writer out{out_bytes};
    troupe::encode(out, value);
    keep(out_bytes);
  });
  const double read = cost(times, [&] {
    T back;
    troupe::reader in{bytes};
    if (!troupe::decode(in, back)) std::abort();
    keep(back);
  });
  std::printf("codec_%s_size %zu bytes\n", name, bytes.size());
  std::printf("codec_%s_encode %.1f ns\n", name, written);
  std::printf("codec_%s_decode %.1f ns\n", name, read);
}

// The floor: the same text and numbers as they lie in memory, with no check at all.
void measure_copying(const post& value, std::size_t times) {
  std::string bytes(sizeof(std::uint64_t) * 3 + value.text.size(), '\0');
  const double copied = cost(times, [&] {
    std::memcpy(bytes.data(), &value.author, sizeof value.author * 3);
    std::memcpy(bytes.data() + sizeof value.author * 3, value.text.data(), value.text.size());
    keep(bytes);
  });
  std::printf("codec_post_memcpy %.1f ns\n", copied);
}

}  // namespace

int main() {
  const post said{1'234'567, 42, 1'700'000'000'000, std::string(40, 'x')};
  measure("point", point{3, -70'000}, 2'000'000);
  measure("post", said, 1'000'000);
  measure_copying(said, 1'000'000);
  document large;
  for (std::uint64_t i = 0; i < 1000; ++i) large.members.push_back(i * 7919);
  large.path.assign(1000, {12, -3456});
  measure("document", large, 2000);
  measure("64KiB", document{{}, {}, std::string(std::size_t{64} << 10, 'x')}, 20'000);
}
