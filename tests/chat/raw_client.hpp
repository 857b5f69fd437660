// A client that speaks WebSocket and HTTP byte by byte, so that tests decide what goes over the
// wire.
#pragma once

#include <troupe/core/options.hpp>

#include <arpa/inet.h>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace chat::testing {

/// Blocking; a read that gets nothing for ten seconds throws, so no test hangs.
class raw_client {
 public:
  struct frame {
    int opcode = 0;  ///< 1 text, 8 close, 9 ping, 10 pong
    std::string payload;
    [[nodiscard]] int close_code() const {
      return static_cast<unsigned char>(payload.at(0)) << 8 |
             static_cast<unsigned char>(payload.at(1));
    }
  };
  struct reply {
    int status = 0;
    std::string head, body;
  };

  /// `receive_buffer`: bytes the kernel may hold unread; 0 leaves it alone.
  explicit raw_client(const troupe::endpoint& to, int receive_buffer = 0)
      : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (fd_ < 0) throw std::runtime_error("no socket");
    if (receive_buffer > 0) option(SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    const timeval patience{10, 0};
    option(SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(to.port);
    ::inet_pton(AF_INET, to.host.c_str(), &address.sin_addr);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      ::close(fd_);
      throw std::runtime_error("cannot connect to " + to.host);
    }
  }
  ~raw_client() { ::close(fd_); }
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) throw std::runtime_error("the gateway has closed the connection");
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  void finish_writing() { ::shutdown(fd_, SHUT_WR); }
  [[nodiscard]] int descriptor() const { return fd_; }

  std::string read(std::size_t count) {
    while (unread_.size() < count) {
      if (!fill()) throw std::runtime_error("the connection ended too early");
    }
    std::string out = unread_.substr(0, count);
    unread_.erase(0, count);
    return out;
  }
  std::string read_through(std::string_view mark) {
    while (unread_.find(mark) == std::string::npos) {
      if (!fill()) throw std::runtime_error("the connection ended too early: " + unread_);
    }
    return read(unread_.find(mark) + mark.size());
  }
  /// What is left until the gateway closes; throws when it resets the connection instead.
  std::string read_to_end() {
    while (fill()) continue;
    return std::exchange(unread_, {});
  }

  reply read_reply(bool with_body = true) {
    reply r;
    r.head = read_through("\r\n\r\n");
    r.status = std::stoi(r.head.substr(9, 3));
    const auto at = r.head.find("Content-Length: ");
    if (with_body && at != std::string::npos) r.body = read(std::stoul(r.head.substr(at + 16)));
    return r;
  }
  reply get(const std::string& target) {
    write("GET " + target + " HTTP/1.1\r\nHost: here\r\n\r\n");
    return read_reply();
  }

  reply ask_upgrade(const std::string& target) {
    write("GET " + target +
          " HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    return read_reply();
  }
  raw_client& upgrade(const std::string& target = "/ws") {
    const auto r = ask_upgrade(target);
    if (r.status != 101) throw std::runtime_error("no upgrade: " + r.head);
    return *this;
  }

  /// Masked, as a client must; `last` false leaves the message open for more frames (opcode 0).
  void send_frame(int opcode, std::string_view payload, bool last = true) {
    const char mask[4] = {0x12, 0x34, 0x56, 0x78};
    std::string out(1, static_cast<char>((last ? 0x80 : 0) | opcode));
    const auto append_length = [&out, &payload](int marker, int bytes) {
      out += static_cast<char>(0x80 | marker);
      for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
        out += static_cast<char>((std::uint64_t{payload.size()} >> shift) & 0xff);
      }
    };
    if (payload.size() < 126) {
      append_length(static_cast<int>(payload.size()), 0);
    } else if (payload.size() <= 0xffff) {
      append_length(126, 2);
    } else {
      append_length(127, 8);
    }
    out.append(mask, 4);
    for (std::size_t i = 0; i < payload.size(); ++i) {
      out += static_cast<char>(payload[i] ^ mask[i % 4]);
    }
    write(out);
  }
  void text(std::string_view payload) { send_frame(1, payload); }

  /// Throws when the gateway's frame is masked, or is not the only one of its message.
  frame read_frame() {
    const std::string head = read(2);
    if ((head[0] & 0x70) != 0 || (head[0] & 0x80) == 0 || (head[1] & 0x80) != 0) {
      throw std::runtime_error("not the start of a whole unmasked frame");
    }
    std::uint64_t length = static_cast<unsigned char>(head[1]);
    if (length >= 126) {
      const std::string more = read(length == 126 ? 2 : 8);
      length = 0;
      for (const char c : more) length = length << 8 | static_cast<unsigned char>(c);
    }
    return {head[0] & 0x0f, read(length)};
  }

 private:
  void option(int name, const void* value, std::size_t size) {
    ::setsockopt(fd_, SOL_SOCKET, name, value, static_cast<socklen_t>(size));
  }
  bool fill() {
    char some[65536];
    const auto n = ::recv(fd_, some, sizeof some, 0);
    if (n < 0 && errno == ECONNRESET) throw std::runtime_error("the connection was reset");
    if (n < 0) throw std::runtime_error("nothing came for ten seconds");
    if (n > 0) unread_.append(some, static_cast<std::size_t>(n));
    return n > 0;
  }

  int fd_;
  std::string unread_;
};

}  // namespace chat::testing
