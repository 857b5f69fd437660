#include <troupe/testing/linearizability.hpp>
#include <troupe/testing/sequential_models.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

namespace troupe::testing {
namespace {

using reg = register_model;

std::filesystem::path folder() {
  const char* given = std::getenv("TROUPE_HISTORIES");
  return given ? given : TROUPE_HISTORIES;
}

std::optional<std::int64_t> number(const std::string& text) {
  if (text == "nil") return std::nullopt;
  return std::stoll(text);
}

reg::operation asked(const std::string& what, const std::string& value) {
  if (what == ":read") return {reg::kind::read};
  if (what == ":write") return {reg::kind::write, number(value)};
  std::smatch pair;
  const std::regex two{R"(\[(\S+) (\S+)\])"};
  if (!std::regex_match(value, pair, two)) throw std::runtime_error{"no pair: " + value};
  return {reg::kind::compare_and_set, number(pair[2]), number(pair[1])};
}

// A line: text, then `process :how :what value`, with tabs between.
std::vector<performed<reg::operation>> history_of(const std::filesystem::path& file) {
  std::vector<performed<reg::operation>> all;
  std::map<std::string, std::size_t> running;
  std::vector<bool> happened;
  const std::regex form{R"(.* (\S+)\t(:\w+)\t(:\w+)\t(.*))"};
  std::ifstream lines{file};
  std::uint64_t time = 0;
  for (std::string line; std::getline(lines, line);) {
    std::smatch part;
    if (!std::regex_match(line, part, form)) continue;
    const std::string process = part[1], how = part[2], what = part[3], value = part[4];
    ++time;
    if (how == ":invoke") {
      running[process] = all.size();
      all.push_back({"", asked(what, value), time, never});
      all.back().what.known = false;
      happened.push_back(true);
      continue;
    }
    const auto index = running.at(process);
    auto& o = all[index];
    const bool refused = how == ":fail" && what != ":cas";
    if (how == ":info" || refused) {
      happened[index] = !refused;
      continue;
    }
    o.returned = time;
    o.what.known = true;
    o.what.changed = how == ":ok";
    if (what == ":read") o.what.value = number(value);
  }
  std::vector<performed<reg::operation>> kept;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (happened[i]) kept.push_back(all[i]);
  }
  return kept;
}

TEST(PublishedHistories, GetTheVerdictsThatWerePublished) {
  if (!std::filesystem::exists(folder() / "verdicts.txt")) {
    GTEST_SKIP() << "no histories in " << folder() << "; TROUPE_HISTORIES names their folder";
  }
  std::ifstream verdicts{folder() / "verdicts.txt"};
  std::size_t histories = 0, linearizable = 0, steps = 0;
  for (std::string name, expected; verdicts >> name >> expected; ++histories) {
    const auto checked = check_linearizable<reg>(history_of(folder() / name));
    EXPECT_EQ(checked.is, expected == "not" ? verdict::not_linearizable : verdict::linearizable)
        << name << " is published as " << expected << "; steps: " << checked.steps;
    linearizable += checked.is == verdict::linearizable ? 1 : 0;
    steps += checked.steps;
  }
  EXPECT_EQ(histories, 52U);
  std::cout << histories << " histories, " << linearizable << " of them linearizable, " << steps
            << " steps\n";
}

}  // namespace
}  // namespace troupe::testing
