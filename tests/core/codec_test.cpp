#include "seed.hpp"
#include <troupe/core/codec.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace troupe {
namespace {

enum class colour : std::uint8_t { red, green };

struct point {
  int x = 0;
  int y = 0;
  friend bool operator==(const point&, const point&) = default;
};

struct everything {
  bool flag = false;
  std::int8_t small = 0;
  std::uint64_t large = 0;
  double real = 0;
  colour paint = colour::red;
  std::string text;
  std::vector<point> points;
  std::map<std::string, std::int64_t> counts;
  std::set<int> numbers;
  std::optional<std::string> maybe;
  std::shared_ptr<const std::string> shared;
  std::pair<int, std::string> both;
  std::array<int, 3> three{};
  std::chrono::milliseconds pause{};
  std::chrono::duration<std::uint32_t> age{};
};

template <class T>
std::string bytes_of(const T& value) {
  std::string bytes;
  writer out{bytes};
  encode(out, value);
  return bytes;
}

template <class T>
bool reads(const std::string& bytes, T& value) {
  reader in{bytes};
  return decode(in, value) && in.left() == 0;
}

everything example() {
  everything e;
  e.flag = true;
  e.small = -128;
  e.large = ~std::uint64_t{0};
  e.real = -0.5;
  e.paint = colour::green;
  e.text = std::string("with\0zero", 9);
  e.points = {{1, -1}, {2147483647, -2147483647 - 1}};
  e.counts = {{"a", -1}, {"b", 1}};
  e.numbers = {3, 1, 2};
  e.maybe = "";
  e.shared = std::make_shared<const std::string>("kept once");
  e.both = {7, "seven"};
  e.three = {1, 2, 3};
  e.pause = std::chrono::milliseconds{-5};
  e.age = std::chrono::duration<std::uint32_t>{5};
  return e;
}

TEST(Codec, GivesBackEveryKindOfField) {
  const auto before = example();
  everything after;

  ASSERT_TRUE(reads(bytes_of(before), after));

  EXPECT_EQ(after.flag, before.flag);
  EXPECT_EQ(after.small, before.small);
  EXPECT_EQ(after.large, before.large);
  EXPECT_EQ(after.real, before.real);
  EXPECT_EQ(after.paint, before.paint);
  EXPECT_EQ(after.text, before.text);
  EXPECT_EQ(after.points, before.points);
  EXPECT_EQ(after.counts, before.counts);
  EXPECT_EQ(after.numbers, before.numbers);
  EXPECT_EQ(after.maybe, before.maybe);
  EXPECT_EQ(*after.shared, *before.shared);
  EXPECT_EQ(after.both, before.both);
  EXPECT_EQ(after.three, before.three);
  EXPECT_EQ(after.pause, before.pause);
  EXPECT_EQ(after.age, before.age);
}

struct old_form {
  int a = 0;
  friend bool operator==(const old_form&, const old_form&) = default;
};
struct new_form {
  int a = 0;
  std::string b = "default";
};

TEST(Codec, OldReadersSkipFieldsThatTheyDoNotKnow) {
  std::vector<old_form> read;

  ASSERT_TRUE(reads(bytes_of(std::vector<new_form>{{1, "x"}, {2, "y"}}), read));

  EXPECT_EQ(read, (std::vector<old_form>{{1}, {2}}));
}

TEST(Codec, NewReadersDefaultFieldsThatAreMissing) {
  new_form read;

  ASSERT_TRUE(reads(bytes_of(old_form{5}), read));

  EXPECT_EQ(read.a, 5);
  EXPECT_EQ(read.b, "default");
}

struct with_fields {
  explicit with_fields(int n = 0) : hidden_(n) {}
  auto fields() { return std::tie(hidden_); }
  [[nodiscard]] int hidden() const { return hidden_; }

 private:
  int hidden_;
};

TEST(Codec, TakesTypesApartThatGiveTheirFields) {
  with_fields read;

  ASSERT_TRUE(reads(bytes_of(with_fields{42}), read));

  EXPECT_EQ(read.hidden(), 42);
}

TEST(Codec, RefusesNumbersThatDoNotFit) {
  std::uint8_t small = 0;
  bool flag = false;

  EXPECT_FALSE(reads(bytes_of(std::uint32_t{256}), small));
  EXPECT_FALSE(reads(bytes_of(std::uint32_t{2}), flag));
}

TEST(Codec, RefusesACountThatTheBytesCannotHold) {
  std::string bytes;
  writer{bytes}.varint(1'000'000'000);
  std::vector<std::string> read;

  EXPECT_FALSE(reads(bytes, read));
  EXPECT_EQ(read.capacity(), 0u);
}

TEST(Codec, RefusesACountOfItemsThatTakeNoBytes) {
  std::string bytes;
  writer{bytes}.varint(1'000'000'000'000);
  std::vector<std::tuple<>> read;

  EXPECT_FALSE(reads(bytes, read));
}

TEST(Codec, RefusesNumbersOfMoreThan64Bits) {
  std::uint64_t read = 0;

  EXPECT_TRUE(reads(std::string(9, '\xff') + '\x01', read));
  EXPECT_FALSE(reads(std::string(9, '\xff') + '\x02', read));
}

struct nest {
  std::vector<nest> inside;
};

TEST(Codec, RefusesNestingBeyondItsLimit) {
  const auto nested = [](int depth) {
    nest outer;
    for (int i = 1; i < depth; ++i) outer = nest{{std::move(outer)}};
    return bytes_of(outer);
  };
  nest read;

  EXPECT_TRUE(reads(nested(reader::max_depth), read));
  EXPECT_FALSE(reads(nested(reader::max_depth + 1), read));
}

TEST(Codec, EveryPrefixIsRefusedOrReadWithoutHarm) {
  const auto bytes = bytes_of(example());

  for (std::size_t size = 0; size < bytes.size(); ++size) {
    everything read;
    EXPECT_FALSE(reads(bytes.substr(0, size), read)) << size;
  }
}

TEST(Codec, RandomBytesNeverDoHarm) {
  auto random = testing_support::seeded_random();
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = bytes_of(example());
    for (int flips = 0; flips < 4; ++flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    everything read;
    (void)reads(bytes, read);
  }
}

}  // namespace
}  // namespace troupe
