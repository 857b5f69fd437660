#include "net/outbound_connection.hpp"

#include "net/gather_write.hpp"
#include "net/handshake.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <span>
#include <utility>

namespace troupe::net {
namespace {

constexpr std::string_view no_ping;

std::string_view ping_bytes() {
  static const auto header = frame_header(frame_kind::ping, 0);
  return {header.data(), header.size()};
}

// A frame that is allowed must fit an empty queue, whatever the settings say.
std::size_t queue_limit(const link_options& limits) {
  return std::max(limits.send_queue, limits.max_frame + frame_header_size);
}

}  // namespace

outbound_connection::outbound_connection(link_host& host, outbound_owner& owner, peer to,
                                         std::size_t attempt)
    : host_(host),
      owner_(owner),
      to_(std::move(to)),
      attempt_(attempt),
      socket_(host.io),
      resolver_(host.io),
      timer_(host.io),
      reader_(handshake_payload_max) {}

void outbound_connection::start() {
  watch(link_clock::now() + host_.limits.silence);
  error_code not_a_number;
  const auto address = asio::ip::make_address(to_.address.host, not_a_number);
  if (not_a_number) return resolve();
  connect({address, to_.address.port});
}

void outbound_connection::close() {
  phase_ = phase::closed;
  timer_.cancel();
  resolver_.cancel();
  if (queue_) queue_->close();  // first: now no other thread writes to the socket
  error_code ignored;
  socket_.close(ignored);
}

void outbound_connection::resolve() {
  ++host_.resolving;
  resolver_.async_resolve(
      to_.address.host, std::to_string(to_.address.port), tcp_resolver::numeric_service,
      [self = shared_from_this()](error_code ec, const tcp_resolver::results_type& found) {
        --self->host_.resolving;
        if (self->phase_ != phase::connecting) return;
        if (ec) return self->fail(errc::unavailable, "its name has no address: " + ec.message());
        self->connect(
            std::next(found.begin(), static_cast<std::ptrdiff_t>(self->attempt_ % found.size()))
                ->endpoint());
      });
}

void outbound_connection::connect(const tcp::endpoint& where) {
  socket_.async_connect(where, [self = shared_from_this()](error_code ec) {
    if (self->phase_ == phase::connecting) self->on_connected(ec);
  });
}

void outbound_connection::on_connected(error_code ec) {
  if (ec) return fail(errc::unavailable, "cannot connect: " + ec.message());
  // A free port of this machine may be given to this very socket, which then is its own peer and
  // would keep the port from the node that wants to come back.
  if (socket_.local_endpoint(ec) == socket_.remote_endpoint(ec)) {
    return fail(errc::unavailable, "cannot connect: nobody listens there");
  }
  socket_.set_option(tcp::no_delay(true), ec);
  phase_ = phase::greeting;
  append_frame(greeting_, frame_kind::hello,
               encode(hello{host_.cluster, host_.name, host_.incarnation.load(), to_.name}));
  asio::async_write(socket_, asio::buffer(greeting_),
                    [self = shared_from_this()](error_code failed, std::size_t) {
                      if (failed) self->fail(errc::unavailable, "closed: " + failed.message());
                    });
  read();
}

void outbound_connection::read() {
  socket_.async_read_some(asio::buffer(buffer_),
                          [self = shared_from_this()](error_code ec, std::size_t size) {
                            if (self->phase_ != phase::closed) self->on_read(ec, size);
                          });
}

void outbound_connection::on_read(error_code ec, std::size_t size) {
  if (ec) return fail(errc::unavailable, "closed by the other side: " + ec.message());
  pulse_.heard = link_clock::now();
  reader_.feed({buffer_.data(), size});
  while (phase_ != phase::closed) {
    const auto next = reader_.next();
    if (!next.ok()) return fail(next.code(), next.why().what);
    if (!*next) return read();
    on_frame(**next);
  }
}

void outbound_connection::on_frame(const frame& f) {
  if (phase_ == phase::greeting) return on_answer(f);
  if (f.kind == frame_kind::pong) return;
  if (f.kind != frame_kind::taken) {
    return fail(errc::malformed, "a frame of kind " + std::to_string(static_cast<int>(f.kind)) +
                                     " came where only pongs and receipts may");
  }
  const auto bytes = decode_taken(f.payload);
  if (!bytes) return fail(errc::malformed, "a receipt is not a number of four bytes");
  if (!queue_->taken(*bytes)) {
    return fail(errc::malformed, "a receipt for " + std::to_string(*bytes) +
                                     " bytes came, which is more than was sent");
  }
  flush();
}

void outbound_connection::on_answer(const frame& f) {
  if (f.kind == frame_kind::refused) {
    return fail(errc::refused, "it refused: " + decode_refusal(f.payload));
  }
  if (f.kind != frame_kind::accepted) {
    return fail(errc::malformed, "the answer to the greeting is neither yes nor no");
  }
  const auto found = decode_welcome(f.payload);
  if (!found.ok()) return fail(found.code(), found.why().what);
  const auto checked = check_found(*found, {to_.name, to_.incarnation});
  if (!checked.ok()) return fail(checked.code(), checked.why().what);
  become_up();
}

void outbound_connection::become_up() {
  phase_ = phase::up;
  pulse_.asked = pulse_.heard;
  watch(pulse_.heard + host_.limits.heartbeat);
  open_queue();
  owner_.up(queue_);
}

void outbound_connection::open_queue() {
  outlet out;
  out.wake = [weak = weak_from_this(), &io = host_.io] {
    asio::post(io, [weak] {
      if (const auto self = weak.lock()) self->flush();
    });
  };
  error_code ec;
  socket_.non_blocking(true, ec);
  out.write_now = [fd = socket_.native_handle()](std::span<const std::string_view> pieces) {
    error_code told_to_the_writer;
    return gather_write(fd, pieces, told_to_the_writer);
  };
  queue_ = std::make_shared<send_queue>(queue_limit(host_.limits), std::move(out));
}

// One batch, then it is the others' turn.
void outbound_connection::flush() {
  if (phase_ != phase::up || blocked_) return;
  if (writing_.empty()) {
    const std::string_view ping = std::exchange(ping_due_, false) ? ping_bytes() : no_ping;
    if (!queue_->take(writing_, ping)) return;
  }
  error_code ec;
  writing_.advance(gather_write(socket_.native_handle(), writing_.rest(), ec));
  if (ec) return fail(errc::unavailable, "closed: " + ec.message());
  if (!writing_.empty()) return wait_writable();
  queue_->written(writing_);
  flush_soon();
}

void outbound_connection::flush_soon() {
  if (std::exchange(flush_soon_, true)) return;
  asio::post(host_.io, [self = shared_from_this()] {
    self->flush_soon_ = false;
    self->flush();
  });
}

void outbound_connection::wait_writable() {
  blocked_ = true;
  socket_.async_wait(tcp_socket::wait_write, [self = shared_from_this()](error_code ec) {
    self->blocked_ = false;
    if (!ec) self->flush();
  });
}

void outbound_connection::fail(errc code, std::string what) {
  if (phase_ == phase::closed) return;
  close();
  owner_.down({code, std::move(what)});
}

void outbound_connection::watch(link_clock::time_point at) {
  timer_.expires_at(at);
  timer_.async_wait([self = shared_from_this()](error_code ec) {
    if (!ec && self->phase_ != phase::closed) self->on_timer();
  });
}

void outbound_connection::on_timer() {
  if (phase_ == phase::up) return feel_pulse();
  const std::string what =
      phase_ == phase::connecting ? "no connection" : "no answer to the greeting";
  fail(errc::unavailable, what + " within " + std::to_string(host_.limits.silence.count()) + " ms");
}

void outbound_connection::feel_pulse() {
  const auto now = link_clock::now();
  const checkup found = examine(now, pulse_, host_.limits);
  if (found.what == vital::lost) {
    return fail(errc::unavailable,
                "silent for " + std::to_string(host_.limits.silence.count()) + " ms");
  }
  if (found.what == vital::ask) {
    pulse_.asked = now;
    ping_due_ = true;
    flush();
  }
  watch(found.next);
}

}  // namespace troupe::net
