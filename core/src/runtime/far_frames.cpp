#include "runtime/far_frames.hpp"

#include <utility>

namespace troupe::runtime {

namespace {

template <class News>
std::string frame_of(detail::frame_kind kind, const News& news) {
  std::string frame;
  writer out{frame};
  encode(out, kind);
  encode(out, news);
  return frame;
}

}  // namespace

std::string to_frame(const watch_news& news) {
  return frame_of(detail::frame_kind::watch, news);
}

std::string to_frame(const end_news& news) {
  return frame_of(detail::frame_kind::ended, news);
}

std::string to_frame(const link_news& news) {
  return frame_of(detail::frame_kind::link, news);
}

bool read(reader& in, watch_news& news) {
  return decode(in, news);
}

bool read(reader& in, end_news& news) {
  if (!decode(in, news)) return false;
  for (const auto& one : news.ended) {
    if (one.kind > exit_kind::killed) return in.fail();
  }
  return true;
}

bool read(reader& in, link_news& news) {
  if (!decode(in, news)) return false;
  if (!news.said) return true;
  const auto& word = news.said->word;
  return (word.verb <= link_verb::exit && word.why.kind <= exit_kind::killed) || in.fail();
}

errc far_line::add(const far_services& by, const std::string& to, std::string frame) {
  waiting_.push_back(std::move(frame));
  return flush(by, to);
}

errc far_line::flush(const far_services& by, const std::string& to) {
  for (; !waiting_.empty(); waiting_.pop_front()) {
    const errc sent = by.send(to, waiting_.front());
    if (sent == errc::overloaded) return sent;
    if (sent != errc::ok) return waiting_.clear(), sent;
  }
  return errc::ok;
}

bool far_line::wants_call() noexcept {
  return !waiting_.empty() && !std::exchange(call_comes_, true);
}

line_care::line_care(std::mutex& lock, const far_services& by, finder find)
    : lock_(lock), by_(by), find_(std::move(find)) {}

void line_care::care_for(const std::string& node, far_line& of) {
  if (of.wants_call()) by_.later(far_line::retry, [this, node] { try_again(node); });
}

void line_care::try_again(const std::string& node) {
  const std::lock_guard lock{lock_};
  auto* const line = find_(node);
  if (!line) return;
  line->called();
  (void)line->flush(by_, node);
  care_for(node, *line);
}

}  // namespace troupe::runtime
