#include "oracle/erlang_tree.hpp"

#include <array>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace oracle {

erlang_supervisors::erlang_supervisors(const std::string& folder) {
  std::array<int, 2> down{};
  std::array<int, 2> up{};
  if (pipe2(down.data(), O_CLOEXEC) != 0 || pipe2(up.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe to Erlang");
  }
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, down[0], 0);
  posix_spawn_file_actions_adddup2(&files, up[1], 1);
  std::array<std::string, 11> words{"erl",      "+S",  "1",    "-boot", "start_clean",
                                    "-noshell", "-pa", folder, "-s",    "supervisor_oracle",
                                    "main"};
  std::array<char*, 12> arguments{};
  for (std::size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();
  const int failure = posix_spawnp(&process_, "erl", &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  close(down[0]);
  close(up[1]);
  to_ = fdopen(down[1], "w");
  from_ = fdopen(up[0], "r");
  if (failure != 0) throw std::runtime_error(std::string("erl: ") + std::strerror(failure));
}

erlang_supervisors::~erlang_supervisors() {
  std::fclose(to_);
  std::fclose(from_);
  if (process_ > 0) waitpid(process_, nullptr, 0);
}

std::string erlang_supervisors::ask(const std::string& term) {
  std::fputs((term + ".\n").c_str(), to_);
  std::fflush(to_);
  std::string text;
  for (std::array<char, 4096> line{}; std::fgets(line.data(), line.size(), from_);) {
    if (std::strcmp(line.data(), ".\n") == 0) return text;
    text += line.data();
  }
  throw std::runtime_error("Erlang ended at " + term + " after\n" + text);
}

std::string erlang_supervisors::start(const tree_case& of) {
  case_ = of;
  return ask(erlang_start(of));
}

std::string erlang_supervisors::apply(const tree_step& step) {
  return ask(erlang_step(step, case_));
}

std::string erlang_supervisors::stop() {
  return ask("stop");
}

}  // namespace oracle
