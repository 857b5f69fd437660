#include "post.hpp"

#include <exception>
#include <mutex>

namespace troupe::detail {

result<std::unique_ptr<post>> post::open(const node_options& options, std::uint64_t incarnation,
                                         logger& log, locator& references) {
  std::unique_ptr<post> office{new post{log, references}};
  net::links_config config{
      options.cluster.name, {options.name, incarnation, options.listen}, options.link};
  net::link_events events;
  events.on_frame = [p = office.get()](const std::string& from, std::string_view frame) {
    p->received(from, frame);
  };
  events.on_reachable = [p = office.get()](const std::string& node, bool up) {
    p->reachability_changed(node, up);
  };
  auto links = net::links::open(std::move(config), log, std::move(events));
  if (!links) return links.why();
  office->links_ = std::move(*links);
  office->listening_ = office->links_->listening();
  return office;
}

void post::handle(frame_kind kind, handler h) {
  const std::unique_lock lock{handlers_mutex_};
  handlers_.at(static_cast<std::size_t>(kind)) = std::move(h);
}

void post::watch(reachability r) {
  const std::unique_lock lock{handlers_mutex_};
  watchers_.push_back(std::move(r));
}

void post::received(const std::string& from, std::string_view frame) {
  reader in{frame, &references_};
  std::uint64_t kind = 0;
  const std::shared_lock lock{handlers_mutex_};
  if (in.varint(kind) && kind < handlers_.size() && handlers_[kind]) {
    // Codecs and constructors of messages are the user's, and may throw.
    try {
      handlers_[kind](from, in);
    } catch (const std::exception& thrown) {
      log_.warn("frame dropped", {{"from", from}, {"kind", kind}, {"why", thrown.what()}});
      return;
    }
    if (!in.failed()) return;
  }
  log_.warn("frame dropped", {{"from", from}, {"kind", kind}, {"bytes", frame.size()}});
}

void post::reachability_changed(const std::string& node, bool reachable) {
  const std::shared_lock lock{handlers_mutex_};
  for (const auto& tell : watchers_) tell(node, reachable);
}

}  // namespace troupe::detail
