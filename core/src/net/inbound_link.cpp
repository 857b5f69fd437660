#include "net/inbound_link.hpp"

#include "net/bulk_queue.hpp"

#include <boost/asio/write.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace troupe::net {

inbound_link::inbound_link(link_host& host, inbound_keeper& keeper, tcp_socket socket)
    : host_(host),
      keeper_(keeper),
      socket_(std::move(socket)),
      timer_(host.io),
      remote_(remote_of(socket_)),
      assembly_(host.limits.max_frame) {}

void inbound_link::start() {
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  watch();
  read();
}

void inbound_link::close() {
  phase_ = phase::closed;
  timer_.cancel();
  error_code ignored;
  socket_.close(ignored);
}

// Waits without a buffer: whoever has something to read borrows the one of the loop.
void inbound_link::read() {
  socket_.async_wait(tcp_socket::wait_read,
                     [self = shared_from_this()](error_code ec) { self->on_readable(ec); });
}

void inbound_link::on_readable(error_code ec) {
  if (phase_ == phase::closed) return;
  auto& buffer = host_.read_buffer;
  const std::size_t size = ec ? 0 : socket_.read_some(asio::buffer(buffer), ec);
  if (ec == asio::error::would_block) return read();
  if (ec) return on_lost(ec);
  heard_ = link_clock::now();
  if (phase_ != phase::refusing) {
    reader_.feed({buffer.data(), size});
    cut_frames();
  }
  if (phase_ == phase::closed) return;
  // A peer that writes a lot has its pings far behind what it wrote: tell it unasked that we live.
  if (phase_ == phase::serving && heard_ - answered_ >= host_.limits.heartbeat) pong_due_ = true;
  write();
  read();
}

void inbound_link::cut_frames() {
  while (phase_ == phase::greeting || phase_ == phase::serving) {
    const auto next = reader_.next();
    if (!next.ok()) return turn_away(next.why().what);
    if (!*next) return;
    on_frame(**next);
  }
}

void inbound_link::on_frame(const frame& f) {
  if (phase_ == phase::greeting) return on_hello(f);
  if (f.kind == frame_kind::data) {
    host_.events.on_frame(peer_.name, f.payload);
  } else if (f.kind == frame_kind::part || f.kind == frame_kind::last) {
    on_piece(f);
  } else if (f.kind == frame_kind::ping) {
    pong_due_ = true;
  } else {
    turn_away("a frame of kind " + std::to_string(static_cast<int>(f.kind)) +
              " came where only data and pings may");
  }
}

void inbound_link::on_piece(const frame& f) {
  pieces_due_ += frame_header_size + f.payload.size();
  if (f.kind == frame_kind::part) {
    if (const auto added = assembly_.add(f.payload); !added.ok()) turn_away(added.why().what);
    return;
  }
  const auto whole = assembly_.finish(f.payload);
  if (!whole.ok()) return turn_away(whole.why().what);
  host_.events.on_frame(peer_.name, *whole);
}

void inbound_link::on_hello(const frame& f) {
  if (f.kind != frame_kind::hello) return turn_away("the first frame is not a greeting");
  auto said = decode_hello(f.payload);
  if (!said.ok() && said.code() == errc::refused) return refuse(said.why().what);
  if (!said.ok()) return turn_away(said.why().what);
  peer_ = *std::move(said);
  if (const auto why = reason_to_refuse(peer_, host_.cluster, host_.name)) return refuse(*why);
  if (const auto why = keeper_.admit(shared_from_this())) return refuse(*why);
  phase_ = phase::serving;
  reader_.set_limit(host_.limits.max_frame);
  answer(frame_kind::accepted, encode(welcome{host_.name, host_.incarnation.load()}));
  host_.log.debug("peer connected", {{"peer", peer_.name}, {"remote", remote_}});
}

// The other side shall read why, so it closes first; the deadline of the greeting still holds.
void inbound_link::refuse(const std::string& why) {
  host_.tell_refusal(remote_, why);
  phase_ = phase::refusing;
  answer(frame_kind::refused, encode_refusal(why));
}

void inbound_link::answer(frame_kind kind, const std::string& payload) {
  append_frame(outgoing_, kind, payload);
  write();
}

// One write at a time; any number of pings asked meanwhile are answered by one pong, and pieces by
// one receipt, so that a peer which does not read costs nothing.
void inbound_link::write() {
  if (!writing_.empty()) return;
  if (pieces_due_ >= bulk_queue::taken_step) {
    const auto told = std::min<std::size_t>(pieces_due_, std::numeric_limits<std::uint32_t>::max());
    append_frame(outgoing_, frame_kind::taken, encode_taken(static_cast<std::uint32_t>(told)));
    pieces_due_ -= told;
  }
  if (std::exchange(pong_due_, false)) append_frame(outgoing_, frame_kind::pong, {});
  if (outgoing_.empty()) return;
  writing_.swap(outgoing_);
  answered_ = link_clock::now();
  asio::async_write(
      socket_, asio::buffer(writing_),
      [self = shared_from_this()](error_code ec, std::size_t) { self->on_written(ec); });
}

void inbound_link::on_written(error_code ec) {
  writing_.clear();
  if (phase_ == phase::closed) return;
  if (ec) return on_lost(ec);
  write();
  error_code ignored;
  if (phase_ == phase::refusing) socket_.shutdown(tcp_socket::shutdown_send, ignored);
}

void inbound_link::on_lost(error_code ec) {
  if (phase_ == phase::greeting && reader_.inside_frame()) {
    return turn_away("closed in the middle of its greeting");
  }
  if (phase_ != phase::refusing) {
    host_.log.debug("peer disconnected",
                    {{"peer", peer_.name}, {"remote", remote_}, {"why", ec.message()}});
  }
  leave();
}

void inbound_link::turn_away(const std::string& why) {
  host_.tell_refusal(remote_, why);
  leave();
}

void inbound_link::leave() {
  close();
  keeper_.gone(shared_from_this());
}

link_clock::time_point inbound_link::deadline() const {
  if (phase_ == phase::serving) return heard_ + 2 * host_.limits.silence;
  return started_ + host_.limits.silence;
}

// Looks again when the deadline has come instead of moving a timer with every read.
void inbound_link::watch() {
  timer_.expires_at(deadline());
  timer_.async_wait([self = shared_from_this()](error_code ec) {
    if (!ec && self->phase_ != phase::closed) self->on_deadline();
  });
}

void inbound_link::on_deadline() {
  assembly_.rest();
  if (link_clock::now() < deadline()) return watch();
  if (phase_ == phase::refusing) return leave();
  if (phase_ == phase::greeting) {
    return turn_away("no greeting within " + std::to_string(host_.limits.silence.count()) + " ms");
  }
  host_.log.info("silent peer disconnected", {{"peer", peer_.name}, {"remote", remote_}});
  leave();
}

}  // namespace troupe::net
