#include "net/gather_write.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>

namespace troupe::net {
namespace {

constexpr std::size_t most_pieces = 256;

}  // namespace

std::size_t gather_write(int fd, std::span<const std::string_view> pieces, error_code& ec) {
  std::array<iovec, most_pieces> gathered;
  const std::size_t count = std::min(pieces.size(), gathered.size());
  for (std::size_t i = 0; i < count; ++i) {
    gathered[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
  }
  msghdr message{};
  message.msg_iov = gathered.data();
  message.msg_iovlen = count;
  ssize_t written = -1;
  do {
    written = ::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (written < 0 && errno == EINTR);
  if (written >= 0) return static_cast<std::size_t>(written);
  if (errno != EAGAIN && errno != EWOULDBLOCK) ec.assign(errno, boost::system::system_category());
  return 0;
}

}  // namespace troupe::net
