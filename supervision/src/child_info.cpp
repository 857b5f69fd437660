#include <troupe/supervision/child_info.hpp>

namespace troupe::supervision {

std::string to_string(const std::vector<tree_line>& tree) {
  std::string text;
  for (const auto& [depth, child] : tree) {
    text.append(2 * std::size_t{depth}, ' ');
    text.append(child.id).append(" ").append(to_string(child.type)).append(" ");
    text.append(to_string(child.restart)).append(" ").append(to_string(child.state));
    if (child.restarts > 0) text += ", restarted " + std::to_string(child.restarts) + " times";
    text += '\n';
  }
  return text;
}

}  // namespace troupe::supervision
