#include <troupe/supervision/quarantine.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace troupe::supervision {
namespace {

using namespace std::chrono_literals;

struct ward {
  explicit ward(std::uint32_t after = 3) : of(after) {}
  bool crash(const std::string& id, const std::string& message, std::optional<std::string> bytes) {
    return of.crashed(id, message, std::move(bytes), "boom", now) != nullptr;
  }
  quarantine of;
  quarantine::time_point now{};
};

TEST(Quarantine, SetsAMessageAsideAtItsThirdCrash) {
  ward w;
  EXPECT_FALSE(w.crash("lobby", "post", "x"));
  EXPECT_FALSE(w.crash("lobby", "post", "x"));
  EXPECT_FALSE(w.of.refuses("lobby", "post", "x"));
  EXPECT_TRUE(w.crash("lobby", "post", "x"));
  EXPECT_TRUE(w.of.refuses("lobby", "post", "x"));
}

TEST(Quarantine, LetsInWhatDiffersInEntityNameOrBytes) {
  ward w{1};
  EXPECT_TRUE(w.crash("lobby", "post", "x"));
  EXPECT_FALSE(w.of.refuses("cellar", "post", "x"));
  EXPECT_FALSE(w.of.refuses("lobby", "join", "x"));
  EXPECT_FALSE(w.of.refuses("lobby", "post", "y"));
}

TEST(Quarantine, CountsTheFirstCrashForTheNextMessageOfThatName) {
  ward w;
  EXPECT_FALSE(w.crash("lobby", "post", std::nullopt)) << "nobody wanted its bytes";
  EXPECT_FALSE(w.crash("lobby", "post", "x"));
  EXPECT_FALSE(w.crash("lobby", "post", "y")) << "the first one was not this";
  EXPECT_TRUE(w.crash("lobby", "post", "x"));
}

TEST(Quarantine, WantsTheBytesOfWhatCrashedTheEntityAlone) {
  ward w;
  EXPECT_FALSE(w.of.suspects("lobby", "post"));
  w.crash("lobby", "post", std::nullopt);
  EXPECT_TRUE(w.of.suspects("lobby", "post"));
  EXPECT_FALSE(w.of.suspects("lobby", "join"));
  EXPECT_FALSE(w.of.suspects("cellar", "post"));
}

TEST(Quarantine, KeepsTheBytesWhatWasThrownAndHowManyWereRefused) {
  ward w{1};
  w.crash("lobby", "post", "x");
  (void)w.of.refuses("lobby", "post", "x");
  (void)w.of.refuses("lobby", "post", "x");
  ASSERT_EQ(w.of.set_aside().size(), 1u);
  EXPECT_EQ(w.of.set_aside()[0], (poison{"lobby", "post", "x", 1, 2, "boom"}));
}

TEST(Quarantine, TakesEmptyMessagesForEqual) {
  ward w{2};
  EXPECT_FALSE(w.crash("lobby", "tick", ""));
  EXPECT_TRUE(w.crash("lobby", "tick", ""));
}

TEST(Quarantine, ForgetsCrashesAfterAQuietTimeButNotWhatIsSetAside) {
  ward w{2};
  w.crash("lobby", "post", "x");
  w.crash("cellar", "post", "x");
  w.crash("cellar", "post", "x");
  EXPECT_TRUE(w.of.knows("lobby", w.now + quarantine::memory - 1s));
  EXPECT_FALSE(w.of.knows("lobby", w.now + quarantine::memory));
  EXPECT_TRUE(w.of.knows("cellar", w.now + 1h));
}

TEST(Quarantine, CountsNoCrashThatIsLongPast) {
  ward w{2};
  w.crash("lobby", "tick", "");
  w.now += quarantine::memory;
  EXPECT_FALSE(w.crash("lobby", "tick", ""));
  EXPECT_TRUE(w.crash("lobby", "tick", "")) << "but those that are not";
}

TEST(Quarantine, BlamesNoSmallMessageForLargeOnes) {
  ward w;
  for (int i = 0; i < 5; ++i)
    w.crash("lobby", "post", std::string(quarantine::most_bytes + 1, 'x'));
  EXPECT_FALSE(w.crash("lobby", "post", "x"));
  EXPECT_FALSE(w.crash("lobby", "post", "x"));
  EXPECT_TRUE(w.crash("lobby", "post", "x"));
}

TEST(Quarantine, ForgetsAnEntityThatIsReleased) {
  ward w{1};
  w.crash("lobby", "post", "x");
  EXPECT_TRUE(w.of.release("lobby"));
  EXPECT_FALSE(w.of.refuses("lobby", "post", "x"));
  EXPECT_FALSE(w.of.release("lobby"));
}

TEST(Quarantine, RemembersSoManyEntitiesThoseThatCrashedLast) {
  ward w{1};
  for (std::size_t i = 0; i <= quarantine::most_entities; ++i) {
    w.now += 1ms;
    w.crash(std::to_string(i), "post", "x");
  }
  EXPECT_EQ(w.of.set_aside().size(), quarantine::most_entities);
  EXPECT_FALSE(w.of.knows("0", w.now));
  EXPECT_TRUE(w.of.knows("1", w.now));
}

TEST(Quarantine, RemembersSoManyMessagesOfAnEntityThoseThatCrashedItLast) {
  ward w{1};
  for (std::size_t i = 0; i <= quarantine::most_messages; ++i) {
    w.crash("lobby", "post", std::to_string(i));
    w.crash("cellar", std::to_string(i), "x");
  }
  EXPECT_FALSE(w.of.refuses("lobby", "post", "0"));
  EXPECT_TRUE(w.of.refuses("lobby", "post", "1"));
  EXPECT_FALSE(w.of.suspects("cellar", "0"));
  EXPECT_TRUE(w.of.suspects("cellar", "1"));
}

TEST(Quarantine, HasSoManyBytesInAllThoseOfWhoCrashedLast) {
  ward w{1};
  const std::string large(quarantine::most_bytes - 11, 'x');  // and "100", "post" and "boom"
  constexpr auto fit = quarantine::most_bytes_in_all / quarantine::most_bytes;
  for (std::size_t i = 100; i < 100 + fit; ++i) {
    w.now += 1ms;
    w.crash(std::to_string(i), "post", large);
  }
  EXPECT_EQ(w.of.bytes(), quarantine::most_bytes_in_all);
  w.now += 1ms;
  w.crash("100", "post", large);
  EXPECT_EQ(w.of.set_aside().size(), fit) << "there was room";

  w.now += 1ms;
  EXPECT_TRUE(w.crash("one more", "post", "x"));

  EXPECT_LE(w.of.bytes(), quarantine::most_bytes_in_all);
  EXPECT_FALSE(w.of.knows("101", w.now)) << "it crashed least lately";
  EXPECT_TRUE(w.of.refuses("100", "post", large));
  EXPECT_TRUE(w.of.refuses("102", "post", large));
  EXPECT_TRUE(w.of.refuses("one more", "post", "x"));
}

TEST(Quarantine, CountsTheBytesOfWhatItKnowsAndNoOthers) {
  ward w{1};
  const auto counted = [&] {
    std::size_t sum = 0;
    for (const auto& p : w.of.set_aside())
      sum += p.id.size() + p.message.size() + p.bytes.size() + p.what.size();
    return sum;
  };
  for (std::size_t i = 0; i <= quarantine::most_messages; ++i) {
    w.crash("lobby", "post", std::string(i, 'x'));
    w.crash("cellar", std::to_string(i), "bytes");
    w.crash("lobby", "post", std::string(i, 'x'));
    EXPECT_EQ(w.of.bytes(), counted());
  }
  for (std::size_t i = 0; i <= quarantine::most_entities; ++i) {
    w.now += 1ms;
    w.crash(std::to_string(i), "post", "x");
  }
  EXPECT_EQ(w.of.bytes(), counted());
  w.of.release("7");
  EXPECT_EQ(w.of.bytes(), counted());

  ward quiet{2};
  quiet.crash("lobby", "post", "x");
  quiet.now += quarantine::memory;
  quiet.crash("lobby", "post", std::nullopt);
  EXPECT_EQ(quiet.of.bytes(), 0u);
  quiet.crash("cellar", "post", "x");
  EXPECT_FALSE(quiet.of.knows("cellar", quiet.now + quarantine::memory));
  EXPECT_EQ(quiet.of.bytes(), 0u);
}

TEST(Quarantine, CutsWhatWasThrown) {
  ward w{1};
  (void)w.of.crashed("lobby", "post", "x", std::string(1000, 'b'), w.now);
  EXPECT_EQ(w.of.set_aside().at(0).what, std::string(quarantine::longest_text, 'b'));
}

TEST(Quarantine, DoesNotRecogniseMessagesThatAreLarge) {
  ward w{1};
  EXPECT_TRUE(w.crash("lobby", "post", std::string(quarantine::most_bytes, 'x')));
  EXPECT_FALSE(w.crash("cellar", "post", std::string(quarantine::most_bytes + 1, 'x')));
}

TEST(Quarantine, OfZeroSetsNothingAside) {
  ward w{0};
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(w.crash("lobby", "post", "x"));
  EXPECT_FALSE(w.of.knows("lobby", w.now));
}

}  // namespace
}  // namespace troupe::supervision
