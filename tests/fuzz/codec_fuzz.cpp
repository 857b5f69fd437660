// Every kind of field, read from arbitrary bytes: what can be read is written and read again.
//
// The first byte of an input chooses the type, the rest is read as one value of it.
#include "fuzz.hpp"
#include <troupe/core/codec.hpp>
#include <troupe/sharding/view.hpp>

#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <list>
#include <map>
#include <set>
#include <unordered_map>
#include <variant>

namespace troupe {

template <>
struct codec<std::variant<std::int32_t, std::string>> {  // what users write for types of their own
  using either = std::variant<std::int32_t, std::string>;
  static void encode(const either& value, writer& out) {
    out.varint(value.index());
    std::visit([&](const auto& held) { troupe::encode(out, held); }, value);
  }
  static bool decode(either& value, reader& in) {
    std::uint64_t index = 0;
    if (!in.varint(index) || index > 1) return in.fail();
    return index == 0 ? troupe::decode(in, value.emplace<0>())
                      : troupe::decode(in, value.emplace<1>());
  }
};

namespace fuzz {
namespace {

using either = std::variant<std::int32_t, std::string>;
using unsigned_seconds = std::chrono::duration<std::uint32_t>;

enum class colour : std::uint8_t { red, green };
enum class change : std::int16_t { none };

struct point {
  std::int32_t x = 0;
  std::int32_t y = 0;
  friend bool operator==(const point&, const point&) = default;
};

struct empty {
  friend bool operator==(const empty&, const empty&) = default;
};

struct nest {
  std::vector<nest> inside;
  friend bool operator==(const nest&, const nest&) = default;
};

struct old_form {
  std::int32_t a = 0;
  friend bool operator==(const old_form&, const old_form&) = default;
};
struct new_form {
  std::int32_t a = 0;
  std::optional<std::string> b;
  std::vector<point> c;
  friend bool operator==(const new_form&, const new_form&) = default;
};

class with_fields {
 public:
  auto fields() { return std::tie(hidden_, more_); }
  friend bool operator==(const with_fields&, const with_fields&) = default;

 private:
  std::int32_t hidden_ = 3;
  std::string more_;
};

struct everything {
  bool flag = false;
  std::int8_t small = 0;
  std::uint64_t large = 0;
  double real = 0;
  float half = 0;
  colour paint = colour::red;
  std::string text;
  std::vector<point> points;
  std::map<std::string, std::int64_t> counts;
  std::set<std::int32_t> numbers;
  std::optional<std::string> maybe;
  std::shared_ptr<const std::string> shared;
  std::pair<std::int32_t, std::string> both;
  std::tuple<std::uint16_t, char, bool> three;
  std::array<std::int32_t, 3> row{};
  std::chrono::milliseconds pause{};
  either one;
  nest deep;
  with_fields hidden;
  std::vector<new_form> appended;
};

everything example() {
  everything e;
  e.flag = true;
  e.small = -128;
  e.large = ~std::uint64_t{0};
  e.real = -0.5;
  e.half = 0.5F;
  e.paint = colour::green;
  e.text = std::string("with\0zero", 9);
  e.points = {{1, -1}, {2147483647, -2147483647 - 1}};
  e.counts = {{"a", -1}, {"b", 1}};
  e.numbers = {3, 1, 2};
  e.maybe = "";
  e.shared = std::make_shared<const std::string>("once");
  e.both = {7, "seven"};
  e.three = {1, 'c', true};
  e.row = {1, 2, 3};
  e.pause = std::chrono::milliseconds{-5};
  e.one = "text";
  e.deep.inside.resize(2);
  e.deep.inside.back().inside.resize(1);
  e.appended.push_back({1, "b", {{2, 3}}});
  return e;
}

template <class T>
std::string bytes_of(const T& value) {
  std::string bytes;
  writer out{bytes};
  encode(out, value);
  return bytes;
}

template <class T>
bool same(const T& a, const T& b) {
  if constexpr (std::equality_comparable<T>) {
    if (a == b) return true;
  }
  return bytes_of(a) == bytes_of(b);  // a float may be no number, which is not equal to itself
}

// No item here is larger than 160 bytes; one may be a byte on the wire, and a container that grows
// asks for its items three times.
constexpr std::size_t heap_per_byte = 512;

template <class T>
void check(std::string_view bytes) {
  T value{};
  reader in{bytes};
  const std::size_t before = heap_asked();
  const bool read = decode(in, value);
  promise(heap_asked() - before <= 1024 + heap_per_byte * bytes.size(),
          "what is allocated grows with what came, not with a forged length");
  promise(read != in.failed(), "a reader has failed exactly when the value was refused");
  if (!read) return promise(in.left() == 0, "a failed reader has nothing left");

  const std::string written = bytes_of(value);
  T again{};
  reader back{written};
  promise(decode(back, again), "what was read can be written and read again");
  promise(back.left() == 0, "a value is read to the last byte that was written");
  promise(same(value, again), "it is the same value then");
}

// Readers of each form understand the other's values.
void check_appended_fields(std::string_view bytes) {
  new_form full;
  old_form part;
  reader of_full{bytes};
  reader of_part{bytes};
  if (!decode(of_full, full)) return;
  promise(decode(of_part, part) && part.a == full.a, "an old reader skips what was appended");
  promise(of_full.left() == of_part.left(), "and ends where a new one ends");

  const std::string old_bytes = bytes_of(part);
  new_form defaulted;
  reader of_old{old_bytes};
  promise(decode(of_old, defaulted) && defaulted == new_form{part.a, {}, {}},
          "a new reader leaves what is missing at its default");
}

template <class... T>
struct kinds {
  static constexpr std::array<void (*)(std::string_view), sizeof...(T)> checks{&check<T>...};

  // `value` behind the byte that chooses its type.
  template <class U>
  static std::string seed(const U& value) {
    std::size_t index = 0;
    (void)((std::same_as<U, T> || (++index, false)) || ...);
    return static_cast<char>(index) + bytes_of(value);
  }
  static std::vector<std::string> defaults() { return {seed(T{})...}; }
  static std::vector<std::string> extremes() {
    std::vector<std::string> all;
    const auto add = [&](auto example) {
      using limits = std::numeric_limits<decltype(example)>;
      if constexpr (limits::is_specialized) {
        all.push_back(seed(limits::lowest()));
        all.push_back(seed(limits::max()));
      } else if constexpr (detail::is_duration<decltype(example)>) {
        all.push_back(seed(example.min()));
        all.push_back(seed(example.max()));
      }
    };
    (add(T{}), ...);
    return all;
  }
};

using all_kinds =
    kinds<everything, bool, char, std::int8_t, std::int16_t, std::int32_t, std::int64_t,
          std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t, float, double, colour, change,
          std::string, std::chrono::nanoseconds, unsigned_seconds, std::optional<std::int32_t>,
          std::optional<std::optional<std::string>>, std::shared_ptr<const point>,
          std::pair<std::string, std::int8_t>, std::tuple<bool, std::string, double>,
          std::array<std::string, 3>, std::vector<bool>, std::vector<std::int64_t>,
          std::vector<std::string>, std::vector<std::vector<std::vector<std::uint8_t>>>,
          std::deque<std::string>, std::list<point>, std::set<std::string>,
          std::map<std::uint32_t, std::vector<std::string>>,
          std::multimap<std::int8_t, std::string>, std::unordered_map<std::int32_t, std::int32_t>,
          std::vector<empty>, nest, old_form, new_form, with_fields, either, std::vector<either>,
          sharding::view>;

}  // namespace

std::vector<std::string> seeds() {
  std::vector<std::string> all = all_kinds::defaults();
  for (std::string& bytes : all_kinds::extremes()) all.push_back(std::move(bytes));
  const std::map<std::uint32_t, std::vector<std::string>> lists{{1, {"x"}}, {300, {}}};
  const sharding::member one{"n1", 7, {"127.0.0.1", 4001}, 1.5, {{"http", ":8080"}}};
  all.push_back(all_kinds::seed(example()));
  all.push_back(all_kinds::seed(std::vector<std::string>{"a", "", std::string(200, 'b')}));
  all.push_back(all_kinds::seed(lists));
  all.push_back(all_kinds::seed(sharding::view{3, {one}}));
  return all;
}

}  // namespace fuzz
}  // namespace troupe

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe::fuzz;
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  all_kinds::checks[data[0] % all_kinds::checks.size()](bytes);
  check_appended_fields(bytes);
  return 0;
}
