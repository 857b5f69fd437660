// Settings from arbitrary text, as a file, an override and a variable: options or sentences.
#include "fuzz.hpp"
#include "text.hpp"
#include <troupe/core/config.hpp>

#include <algorithm>
#include <cstdint>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace troupe {
namespace {

using fuzz::promise;

constexpr std::ptrdiff_t lines_max = 21;  // 20 problems, and how many more there are
constexpr std::size_t line_max = 2000;

void check_problems(std::string_view problems) {
  promise(!problems.empty(), "who refuses settings says why");
  promise(std::ranges::count(problems, '\n') < lines_max, "at most twenty problems are told");
  while (!problems.empty()) {
    const std::string_view line = problems.substr(0, problems.find('\n'));
    promise(text::printable(line), "a problem is one line that can be printed");
    promise(line.size() <= line_max, "a problem is a sentence, not a page");
    problems.remove_prefix(std::min(line.size() + 1, problems.size()));
  }
}

void check_loaded(const config_sources& sources) {
  const auto options = load_config(sources);
  if (options.ok()) {
    promise(check(*options).ok(), "what is accepted from a source passes the check");
  } else {
    promise(options.code() == errc::invalid_config, "what is wrong is the settings");
    check_problems(options.why().what);
  }
}

// A file that is nowhere on the disk.
class memory_file {
 public:
  explicit memory_file(std::string_view text) : descriptor_(::memfd_create("node.toml", 0)) {
    promise(descriptor_ >= 0 &&
                ::write(descriptor_, text.data(), text.size()) == static_cast<ssize_t>(text.size()),
            "there is memory for a file");
  }
  ~memory_file() { ::close(descriptor_); }
  memory_file(const memory_file&) = delete;
  memory_file& operator=(const memory_file&) = delete;
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

// A process whose environment is this one variable.
class only_variable {
 public:
  explicit only_variable(std::string text)
      : text_(std::move(text)), before_(std::exchange(::environ, all_)) {}
  ~only_variable() { ::environ = before_; }
  only_variable(const only_variable&) = delete;
  only_variable& operator=(const only_variable&) = delete;

 private:
  std::string text_;
  char* all_[2] = {text_.data(), nullptr};
  char** before_;
};

void check_text(const std::string& text) {
  const memory_file file{text};
  check_loaded({.file = file.path(), .environment = false, .overrides = {}});
  check_loaded({.file = {}, .environment = false, .overrides = {text}});
  const only_variable variable{text};
  check_loaded({.file = {}, .environment = true, .overrides = {}});
}

}  // namespace
}  // namespace troupe

std::vector<std::string> troupe::fuzz::seeds() {
  return {
      "[node]\nname = \"n1\"\nlisten = \"[::1]:4001\"\nweight = 2\n"
      "labels = { http = \":8080\", \"a.b\" = \"\" }\n",
      "[cluster]\nname = 'c'\nstore = \"sqlite\"\npath = \"/tmp/x.db\"\nlease = \"1min\"\n"
      "poll = \"50ms\"\njoin_timeout = \"1h\"\n",
      "[sharding]\nshards = 0x400\nvnodes = 150\nload_bound = 1.05\n[log]\nlevel = \"warn\"\n",
      "[link]\nheartbeat = \"1s\"\nsilence = \"3s\"\nreconnect_max = \"1s\"\n"
      "max_frame = \"64KiB\"\nsend_queue = 70000\n",
      "runtime.workers = 4\nruntime = { mailbox = 10 }\n[node.labels]\na = '''b'''\n",
      "# unknown\n[nod]\nx = [1, 2]\n[cluster]\nleas = 1979-05-27T07:32:00Z\nlease = true\n",
      "cluster.lease=5s",
      "cluster.lease=99999999999999999h",
      "link.max_frame=9999999999999GiB",
      "node.labels.http=:8080",
      "sharding.load_bound=1.5e0",
      "TROUPE_CLUSTER_LEASE=5s",
      "TROUPE_NODE_LABELS_ZONE=a b",
  };
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  troupe::check_text({reinterpret_cast<const char*>(data), size});
  return 0;
}
