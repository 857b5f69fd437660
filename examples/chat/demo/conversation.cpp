#include "conversation.hpp"

#include "failure.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <random>
#include <unordered_map>

namespace chat::demo {
namespace {

constexpr std::size_t longest_guild = 64;  // characters
constexpr std::uint32_t generated_guilds = 5;
constexpr std::uint32_t generated_users = 200;
constexpr std::uint32_t generated_lines = 400;

constexpr std::array<const char*, 16> words{
    "kernel", "does", "anybody", "know",  "\"quoted\"", "back\\slash", "naïve", "日本語",
    "why",    "this", "crashed", "again", "tab\there",  "🙂",        "</b>",  "ok"};

/// Every user has a home guild; each fifth one speaks in the next guild too.
std::uint32_t a_speaker_of(std::uint32_t guild, std::mt19937_64& random) {
  const auto slot = static_cast<std::uint32_t>(random() % (generated_users / generated_guilds));
  const bool visitor = slot % 5 == 0 && random() % 2 == 0;
  const std::uint32_t home = visitor ? (guild + generated_guilds - 1) % generated_guilds : guild;
  return slot * generated_guilds + home;
}

std::string some_words(std::mt19937_64& random) {
  std::string text = words[random() % words.size()];
  for (auto more = random() % 12; more > 0; --more) {
    text += ' ';
    text += words[random() % words.size()];
  }
  return text;
}

/// The file's name without ".txt", which must be what the chat takes for a guild.
std::string guild_of(const std::filesystem::path& file) {
  std::string name = file.stem().string();
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
  if (!plain || name.size() > longest_guild) {
    throw failure{"the log " + file.string() + " cannot name a guild; rename it to at most " +
                  std::to_string(longest_guild) + " letters, digits, '.', '_', '-'"};
  }
  return name;
}

std::vector<spoken> read_lines(const std::filesystem::path& file) {
  std::vector<spoken> lines;
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);) {
    if (auto said = parse_irc_line(line)) lines.push_back(std::move(*said));
  }
  return lines;
}

}  // namespace

conversation read_conversation(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  conversation all;
  for (const auto& file : files) {
    auto lines = read_lines(file);
    if (!lines.empty()) all.push_back({guild_of(file), std::move(lines)});
  }
  if (all.empty()) {
    throw failure{"no line of the form \"[HH:MM] <nick> text\" in the *.txt files of " +
                  folder.string() +
                  "; give the folder of the logs with --data, or play --generated"};
  }
  return all;
}

conversation generated_conversation(std::uint64_t seed) {
  std::mt19937_64 random{seed};
  conversation all;
  for (std::uint32_t guild = 0; guild < generated_guilds; ++guild) {
    guild_log log{"guild-" + std::to_string(guild), {}};
    while (log.lines.size() < generated_lines) {
      const auto who = a_speaker_of(guild, random);
      log.lines.push_back({"user-" + std::to_string(who), some_words(random)});
    }
    all.push_back(std::move(log));
  }
  return all;
}

roster roster_of(const conversation& all) {
  roster r;
  std::unordered_map<std::string, std::uint32_t> known;
  for (std::uint32_t guild = 0; guild < all.size(); ++guild) {
    r.members.push_back(0);
    r.speakers.emplace_back();
    for (const spoken& line : all[guild].lines) {
      const auto next = static_cast<std::uint32_t>(r.people.size());
      const auto [found, fresh] = known.try_emplace(line.user, next);
      if (fresh) r.people.push_back({line.user, {}});
      person& who = r.people[found->second];
      // Guilds come one after another, so a seat in this one is the last.
      if (who.seats.empty() || who.seats.back().guild != guild) {
        who.seats.push_back({guild, r.members.back()++});
      }
      r.speakers.back().push_back(found->second);
    }
  }
  return r;
}

}  // namespace chat::demo
