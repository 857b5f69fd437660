// One message as a frame: writing it for another node, reading it there, and the way back of its
// answer.
#pragma once

#include "frame_bytes.hpp"
#include "post.hpp"
#include "runtime/event_hub.hpp"
#include "runtime/requests.hpp"
#include <troupe/core/behaviour.hpp>
#include <troupe/core/decode.hpp>
#include <troupe/core/detail/envelope.hpp>
#include <troupe/core/wire.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace troupe::detail {
class node_inside;
}

namespace troupe::runtime {

/// Tells whoever waits for `message`'s answer why it will not be handled.
void refuse(detail::envelope& message, errc code, const char* what);

/// Until `deadline`, rounded up; 0 when it has passed.
[[nodiscard]] std::uint64_t milliseconds_left(detail::time_point deadline);

/// On the node that handles an ask: writes the answer and sends it back.
class remote_sink final : public detail::answer_sink {
 public:
  /// `what`: how it is answered; null: it will fail. A reliable one is `unanswered` for its life.
  remote_sink(detail::node_inside& node, std::string asker, std::uint64_t request,
              const detail::handler* what, bool reliable);
  ~remote_sink() override;
  void answer(void* value) override;
  void fail(error why) override;
  [[nodiscard]] bool reliable() const noexcept override { return reliable_; }
  [[nodiscard]] const std::string& asker() const noexcept { return asker_; }  ///< a node
  [[nodiscard]] std::uint64_t request() const noexcept { return request_; }

 private:
  void send(std::string&& frame);

  std::weak_ptr<detail::node_inside> node_;
  std::string asker_;
  std::uint64_t request_;
  const detail::handler* what_;
  const bool reliable_;
};

/// `message` came from another node: its answer goes to `sink`, for which `chain` waits.
void give_asker(detail::envelope& message, detail::sink_ptr sink,
                const std::vector<std::uint64_t>& chain, std::uint64_t left_ms);

/// Builds the frame of one message: kind, message id, request, time left, the ask's call chain;
/// then what the kind adds to `out()`; then the message.
class outgoing_frame {
 public:
  outgoing_frame(detail::node_inside& node, detail::frame_kind kind, const std::string& to,
                 detail::envelope& message);
  outgoing_frame(const outgoing_frame&) = delete;
  outgoing_frame& operator=(const outgoing_frame&) = delete;

  writer& out() noexcept { return out_; }
  /// Adds the message and sends all, in order with what else has this `key` of its receiver. Once.
  /// When that fails, the asker and the node's subscribers have been told.
  errc send(detail::envelope& message, const receiver& to, std::uint64_t key);

 private:
  detail::node_inside& node_;
  const std::string& to_;
  detail::frame_bytes bytes_;
  writer out_{*bytes_};
  std::uint64_t request_ = 0;
  bool refused_ = false;  // too many asks wait
};

/// The other side of outgoing_frame.
struct incoming_frame {
  std::uint32_t message = 0;
  std::uint64_t request = 0;           ///< 0: nobody waits for an answer
  std::uint64_t left_ms = 0;           ///< until the asker gives up
  std::vector<std::uint64_t> chain{};  ///< the handlers that wait for the answer, the latest first
  bool reliable = false;  ///< it will come again until it was answered; written by lanes alone

  [[nodiscard]] bool read_head(reader& in) {
    return decode(in, message) && in.varint(request) && in.varint(left_ms) && decode(in, chain) &&
           chain.size() <= detail::call_chain::most;
  }
  void write_head(writer& out) const;
  /// The message for a behaviour of `type`, its answer going back to `from`; null after a refusal
  /// was sent.
  detail::envelope_ptr read_message(const detail::behaviour_type& type, detail::node_inside& node,
                                    const std::string& from, reader& in) const;
  /// Tells the asker, if there is one, and our node's subscribers.
  void refuse(detail::node_inside& node, const std::string& from, const error& why,
              const receiver& to) const;
};

}  // namespace troupe::runtime
