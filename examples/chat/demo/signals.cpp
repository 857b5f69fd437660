#include "signals.hpp"

#include <csignal>

namespace chat::demo {
namespace {

volatile std::sig_atomic_t requested = 0;

void note(int) {
  requested = 1;
}

}  // namespace

void watch_signals() {
  struct sigaction action {};
  action.sa_handler = note;  // no SA_RESTART: a waiting poll() ends at once
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool stop_requested() {
  return requested != 0;
}

}  // namespace chat::demo
