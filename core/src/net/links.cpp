#include "net/links.hpp"

#include "net/frame.hpp"
#include "net/handshake.hpp"
#include "net/listener.hpp"
#include "net/loop_service.hpp"
#include "net/outbound_link.hpp"
#include "net/route_table.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

namespace troupe::net {

struct links::impl : std::enable_shared_from_this<links::impl> {
  impl(links_config config, logger& log, link_events events)
      : host(std::move(config), log, std::move(events)) {}

  void follow_peers();
  void shut();

  link_host host;  // first, so that it is destroyed last: everything else uses its loop
  asio::executor_work_guard<loop_executor> work{host.io.get_executor()};
  loop_service service{host.io};
  route_table routes;
  std::shared_ptr<listener> door = std::make_shared<listener>(host);
  std::map<std::string, std::shared_ptr<outbound_link>> outbound;
  std::random_device seeds;
  endpoint where;
  std::mutex joining;
};

// Brings the outbound links in line with the wanted peers, whichever call of set_peers was the
// last.
void links::impl::follow_peers() {
  const auto wanted = routes.wanted();
  for (auto it = outbound.begin(); it != outbound.end() && !host.stopped;) {
    const auto found = wanted.find(it->first);
    const auto link = it->second;
    const bool stays = found != wanted.end() && found->second == link->to() && !link->severed();
    it = stays ? std::next(it) : outbound.erase(it);
    if (!stays) link->close();
  }
  for (const auto& [name, to] : wanted) {
    if (host.stopped) return;
    auto& link = outbound[name];
    if (link) continue;
    link = std::make_shared<outbound_link>(host, routes, to, seeds());
    link->start();
  }
}

void links::impl::shut() {
  if (std::exchange(host.stopped, true)) return;
  door->close();
  for (const auto& [name, link] : outbound) link->close();
  host.io.stop();
}

result<std::unique_ptr<links>> links::open(links_config config, logger& log, link_events events) {
  if (!is_node_name(config.self.name)) {
    return {errc::invalid_config,
            "[node] name \"" + config.self.name + "\" is not 1 to 64 of A-Z a-z 0-9 . _ -"};
  }
  if (config.cluster.empty() || config.cluster.size() > cluster_name_max) {
    return {errc::invalid_config, "[cluster] name has " + std::to_string(config.cluster.size()) +
                                      " bytes; 1 to " + std::to_string(cluster_name_max) +
                                      " were expected"};
  }
  if (config.limits.max_frame > frame_payload_max) {
    return {errc::invalid_config, "[link] max_frame is " + std::to_string(config.limits.max_frame) +
                                      " bytes; a frame can have at most " +
                                      std::to_string(frame_payload_max)};
  }
  const endpoint address = config.self.address;
  const auto state = std::make_shared<impl>(std::move(config), log, std::move(events));
  auto where = state->door->open(address);
  if (!where.ok()) return where.why();
  state->where = *where;
  asio::post(state->host.io, [door = state->door] { door->start(); });
  state->service.start(state);
  return std::unique_ptr<links>{new links{state}};
}

links::links(std::shared_ptr<impl> state) : impl_(std::move(state)) {}

links::~links() {
  close();
  // From inside a callback: the thread ends when that returns, and frees everything itself.
  if (impl_->service.here()) {
    impl_->service.detach();
    return;
  }
  // A look-up of a name cannot be broken off and may take many seconds; nobody shall wait for it.
  // What is left to do then is to free memory.
  if (impl_->host.resolving > 0) std::thread{[left = std::move(impl_)] {}}.detach();
}

void links::close() {
  if (impl_->service.here()) return impl_->shut();
  const std::lock_guard lock{impl_->joining};
  if (!impl_->service.joinable()) return;
  asio::post(impl_->host.io, [self = impl_.get()] { self->shut(); });
  impl_->service.join();
}

endpoint links::listening() const {
  return impl_->where;
}

void links::set_incarnation(std::uint64_t incarnation) {
  impl_->host.incarnation = incarnation;
}

void links::set_peers(const std::vector<peer>& peers) {
  route_table::peers wanted;
  for (const auto& to : peers) {
    if (to.name != impl_->host.name) wanted.insert_or_assign(to.name, to);
  }
  impl_->routes.want(std::move(wanted));
  asio::post(impl_->host.io, [self = impl_.get()] {
    if (!self->host.stopped) self->follow_peers();
  });
}

errc links::send(std::string_view node, std::string_view frame, receivers whom) {
  if (frame.size() > impl_->host.limits.max_frame) return errc::too_large;
  const auto queue = impl_->routes.find(node);
  return queue ? queue->push(frame, whom) : errc::unavailable;
}

errc links::give(std::string_view node, std::string&& frame, receivers whom) {
  if (frame.size() > impl_->host.limits.max_frame) return errc::too_large;
  const auto queue = impl_->routes.find(node);
  return queue ? queue->give(std::move(frame), whom) : errc::unavailable;
}

bool links::reachable(std::string_view node) const {
  return impl_->routes.find(node) != nullptr;
}

detail::poller& links::loop() {
  return impl_->service;
}

}  // namespace troupe::net
