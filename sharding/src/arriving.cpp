#include "arriving.hpp"

#include "inside.hpp"

namespace troupe::sharding {

bool is_kept_by_sender(const arriving& one) {
  const auto& sink = one.message->sink;
  return !sink || (one.own_request == 0 && sink->reliable());
}

arriving turn_down(detail::node_inside& node, const std::string& from, const entity_body& what,
                   errc why) {
  const std::string type{what.type};
  const auto sentence = why == errc::unknown_type ? node.node_name() + " runs no " + type
                                                  : type + " is stopping on " + node.node_name();
  arriving a;
  a.refusal = [&node, from, type, id = std::string{what.id}, head = what.head,
               reason = error{why, sentence}] {
    if (from != node.node_name()) return head.refuse(node, from, reason, {type, id});
    node.events().lost({type, id}, nullptr, reason);
    if (const auto sink = node.asks().withdraw(head.request)) sink->fail(reason);
  };
  return a;
}

}  // namespace troupe::sharding
