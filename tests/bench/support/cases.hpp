// A benchmark's main(): the cases it has, each run in a process of its own unless one is named.
#pragma once

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace bench {

/// What `program name [size]` runs.
struct bench_case {
  std::string_view name;
  long size;  ///< when none is given; what it counts is the case's own
  void (*run)(long size);
};

/// In a fresh process, so that no case finds memory or threads that another one left.
inline int run_apart(const bench_case& which) {
  std::fflush(stdout);
  const pid_t child = ::fork();
  if (child == 0) {
    which.run(which.size);
    std::fflush(stdout);
    ::_exit(0);
  }
  int status = 0;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
  std::fprintf(stderr, "bench: the case %.*s failed\n", static_cast<int>(which.name.size()),
               which.name.data());
  return 1;
}

/// Without arguments every case, else `name [size]`. The exit status of main().
inline int run_cases(int argc, char** argv, const std::vector<bench_case>& all) {
  if (argc == 1) {
    int failed = 0;
    for (const auto& which : all) failed |= run_apart(which);
    return failed;
  }
  for (const auto& which : all) {
    if (which.name != argv[1]) continue;
    long size = which.size;
    if (argc > 2) {
      const char* end = argv[2] + std::strlen(argv[2]);
      const auto [at, wrong] = std::from_chars(argv[2], end, size);
      if (wrong != std::errc{} || at != end || size < 1) {
        std::fprintf(stderr, "bench: '%s' is no size; a number above zero is\n", argv[2]);
        return 2;
      }
    }
    which.run(size);
    return 0;
  }
  std::fprintf(stderr, "bench: no case is called '%s'; there are:", argv[1]);
  for (const auto& which : all) {
    std::fprintf(stderr, " %.*s", static_cast<int>(which.name.size()), which.name.data());
  }
  std::fprintf(stderr, "\n");
  return 2;
}

}  // namespace bench
