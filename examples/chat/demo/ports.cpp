#include "ports.hpp"

#include "failure.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <optional>
#include <sstream>
#include <sys/socket.h>
#include <unistd.h>

namespace chat::demo {
namespace {

namespace fs = std::filesystem;

constexpr std::uint16_t lowest_candidate = 20'000;

/// First port the system may give to an outgoing connection.
std::uint16_t first_ephemeral_port() {
  unsigned first = 32'768;
  std::ifstream{"/proc/sys/net/ipv4/ip_local_port_range"} >> first;
  return static_cast<std::uint16_t>(std::clamp(first, 1'024u, 65'535u));
}

/// Inode of the socket that listens on `port`, as /proc/net/tcp and tcp6 print it.
std::optional<std::string> listener_inode(std::uint16_t port) {
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream in{table};
    std::string line;
    std::getline(in, line);  // headings
    while (std::getline(in, line)) {
      std::istringstream fields{line};
      std::string slot, local, remote, state, queues, timer, retransmits, uid, timeout, inode;
      fields >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> uid >>
          timeout >> inode;
      const auto colon = local.rfind(':');
      if (state != "0A" || colon == std::string::npos) continue;  // 0A: listening
      if (std::stoul(local.substr(colon + 1), nullptr, 16) == port) return inode;
    }
  }
  return std::nullopt;
}

bool holds_socket(const fs::path& process, const std::string& inode) {
  std::error_code failed;
  const std::string wanted = "socket:[" + inode + "]";
  for (fs::directory_iterator fd{process / "fd", failed}, end; !failed && fd != end;
       fd.increment(failed)) {
    std::error_code gone;
    if (fs::read_symlink(fd->path(), gone).string() == wanted) return true;
  }
  return false;
}

std::string command_of(const fs::path& process) {
  std::ifstream in{process / "cmdline", std::ios::binary};
  std::string command{std::istreambuf_iterator<char>{in}, {}};
  while (!command.empty() && command.back() == '\0') command.pop_back();
  std::replace(command.begin(), command.end(), '\0', ' ');
  return command;
}

}  // namespace

bool is_free(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const int yes = 1;  // as servers do: what lingers of closed connections does not count
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  const bool listening = bound && ::listen(fd, 1) == 0;
  ::close(fd);
  return listening;
}

std::vector<std::uint16_t> free_ports(std::size_t count) {
  const std::uint16_t end = first_ephemeral_port();
  const std::uint16_t begin =
      std::min<std::uint16_t>(lowest_candidate, static_cast<std::uint16_t>(end / 2));
  const auto range = static_cast<std::uint32_t>(end - begin);
  // Runs beside each other start looking at different places.
  const auto start = static_cast<std::uint32_t>(::getpid()) * 31u;
  std::vector<std::uint16_t> found;
  for (std::uint32_t i = 0; i < range && found.size() < count; ++i) {
    const auto port = static_cast<std::uint16_t>(begin + (start + i) % range);
    if (is_free(port)) found.push_back(port);
  }
  if (found.size() < count) {
    throw failure{"fewer than " + std::to_string(count) + " of the ports " + std::to_string(begin) +
                  " to " + std::to_string(end - 1) +
                  " are free; name three free ones with --port-base"};
  }
  return found;
}

std::string who_listens(std::uint16_t port) {
  const auto inode = listener_inode(port);
  std::error_code failed;
  for (fs::directory_iterator process{"/proc", failed}, end; inode && !failed && process != end;
       process.increment(failed)) {
    const std::string pid = process->path().filename().string();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    if (holds_socket(process->path(), *inode))
      return "process " + pid + " (" + command_of(process->path()) + ")";
  }
  return "another process";
}

}  // namespace chat::demo
