// An entity that remembers: what was acknowledged outlives its node, and a kill -9.
//
// Expected output:
//   1 2
//   3
#include <troupe/troupe.hpp>

#include <filesystem>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

struct diary {
  static constexpr auto name = "diary";
  struct write {
    std::string line;
  };
  using protocol = troupe::protocol<int(write)>;

  struct written {  // what happened, kept in the journal
    std::string line;
  };
  using remembers = troupe::remembers<written>;

  // Decides. The answer leaves when the event is on the disk.
  int on(write m, troupe::context& ctx) {
    ctx.persist(written{std::move(m.line)});
    return lines;
  }
  // Changes the state, now and whenever the entity is started anew.
  void apply(const written&) { ++lines; }

  int lines = 0;
};

troupe::node_options in(const std::filesystem::path& folder) {
  troupe::node_options options;
  options.log.level = "warn";
  options.cluster.store = "sqlite";
  options.cluster.path = (folder / "cluster.db").string();  // the journal lies beside it
  return options;
}

int main() {
  const auto folder = std::filesystem::temp_directory_path() / "troupe_05_durable";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  {
    auto node = troupe::node::start(in(folder)).value();
    troupe::entities<diary> diaries{node};
    std::cout << diaries["alice"].ask(diary::write{"Monday"}, 5s).value() << ' ';
    std::cout << diaries["alice"].ask(diary::write{"Tuesday"}, 5s).value() << '\n';
  }
  auto node = troupe::node::start(in(folder)).value();
  troupe::entities<diary> diaries{node};
  std::cout << diaries["alice"].ask(diary::write{"Wednesday"}, 5s).value() << '\n';
}
