#include "supervision_page.hpp"

#include <boost/json.hpp>

#include <utility>

namespace chat {

namespace json = boost::json;

json::object write_supervision(const troupe::supervision_tree& tree) {
  json::array lines;
  for (const auto& l : tree.lines) {
    lines.push_back({{"depth", l.depth},
                     {"name", l.name},
                     {"kind", l.kind},
                     {"restart", l.restart},
                     {"state", l.state},
                     {"restarts", l.restarts}});
  }
  return {{"lines", std::move(lines)}, {"left_out", tree.left_out}};
}

}  // namespace chat
