#include "net/outbound_connection.hpp"

#include "net/handshake.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <utility>

namespace troupe::net {
namespace {

const std::string& ping_bytes() {
  static const std::string bytes = [] {
    std::string out;
    append_frame(out, frame_kind::ping, {});
    return out;
  }();
  return bytes;
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
  error_code ignored;
  socket_.close(ignored);
  if (queue_) queue_->close();
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
  fail(errc::malformed, "a frame of kind " + std::to_string(static_cast<int>(f.kind)) +
                            " came where only pongs may");
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
  queue_ = std::make_shared<send_queue>(queue_limit(host_.limits),
                                        [weak = weak_from_this(), &io = host_.io] {
                                          asio::post(io, [weak] {
                                            if (const auto self = weak.lock()) self->flush();
                                          });
                                        });
  owner_.up(queue_);
}

void outbound_connection::flush() {
  if (phase_ != phase::up || busy_) return;
  queue_->take(writing_);
  gather_.clear();
  if (std::exchange(ping_due_, false)) gather_.push_back(asio::buffer(ping_bytes()));
  for (const auto& chunk : writing_) gather_.push_back(asio::buffer(chunk));
  if (gather_.empty()) return;
  busy_ = true;
  asio::async_write(socket_, gather_, [self = shared_from_this()](error_code ec, std::size_t) {
    self->on_written(ec);
  });
}

void outbound_connection::on_written(error_code ec) {
  busy_ = false;
  queue_->written(writing_);
  if (ec) return fail(errc::unavailable, "closed: " + ec.message());
  flush();
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
