// Unbalanced cobwebbed tree: actors grow a tree of actors, of no even shape, and add it up.
#include "savina.hpp"

#include <algorithm>

/// How many of a node's descendants go to each of its children: a pure function of the node, so
/// that the check can walk the same tree.
std::vector<int> shares(std::uint64_t seed, int descendants) {
  std::vector<int> result;
  for (int child = 0; child < 9 && descendants > 0; ++child) {
    const int share = 1 + static_cast<int>(savina::draw(seed, child) % descendants);
    result.push_back(share);
    descendants -= share;
  }
  if (descendants > 0) result.push_back(descendants);
  return result;
}

std::uint64_t child_seed(std::uint64_t seed, std::size_t child) {
  return savina::draw(seed, 100 + child);
}

/// Some nodes have a hundred times as much to do as the others.
std::uint64_t weight(std::uint64_t seed) {
  const int steps = seed % 10 == 0 ? 1'000 : 10;
  std::uint64_t sum = 0;
  for (int i = 0; i < steps; ++i) sum += savina::draw(seed, 1'000 + i) % 100;
  return sum;
}

/// The number of nodes below and with this one, and the sum of their weights.
struct measure {
  int nodes = 0;
  std::uint64_t weight = 0;
};

struct tree_node {
  struct grow {};
  struct weigh {};
  using protocol = troupe::protocol<measure(grow), measure(weigh)>;

  tree_node(std::uint64_t own_seed, int nodes) : seed(own_seed), size(nodes) {}

  troupe::later<measure> on(grow m, troupe::context& ctx) {
    const auto sizes = shares(seed, size - 1);
    for (std::size_t i = 0; i < sizes.size(); ++i)
      children.push_back(ctx.spawn<tree_node>(child_seed(seed, i), sizes[i]));
    return gather(m, {1, 0}, ctx);
  }
  troupe::later<measure> on(weigh m, troupe::context& ctx) {
    return gather(m, {1, weight(seed)}, ctx);
  }

  /// Answers with the sum of what the children answer and our own.
  template <class M>
  troupe::later<measure> gather(M message, measure own, troupe::context& ctx) {
    answer = ctx.later<measure>();
    sum = own;
    waiting_for = children.size();
    if (children.empty()) answer.set(sum);
    for (const auto& child : children) {
      ctx.ask(child, message, savina::patience).then([this](const troupe::result<measure>& below) {
        if (!below) return answer.set(below);
        sum.nodes += below->nodes;
        sum.weight += below->weight;
        if (--waiting_for == 0) answer.set(sum);
      });
    }
    return answer;
  }

  std::uint64_t seed;
  int size;
  std::vector<troupe::actor_ref<tree_node>> children;
  std::size_t waiting_for = 0;
  measure sum;
  troupe::later<measure> answer;
};

std::uint64_t weight_below(std::uint64_t seed, int nodes) {
  std::uint64_t sum = weight(seed);
  const auto sizes = shares(seed, nodes - 1);
  for (std::size_t i = 0; i < sizes.size(); ++i) sum += weight_below(child_seed(seed, i), sizes[i]);
  return sum;
}

int main(int argc, char** argv) {
  return savina::run("uct", {argv + 1, argv + argc}, [](savina::bench& bench) {
    const int nodes = bench.size(50'000);
    const std::uint64_t seed = 10;
    auto node = savina::start_node();
    const auto root = node.spawn<tree_node>(seed, nodes);

    const auto [grown, weighed] = bench.measure(nodes, "nodes", [&] {
      const auto first = root.ask(tree_node::grow{}, savina::patience).value();
      return std::pair{first, root.ask(tree_node::weigh{}, savina::patience).value()};
    });

    bench.expect("nodes that grew", grown.nodes, nodes);
    bench.expect("nodes that were weighed", weighed.nodes, nodes);
    bench.expect("weight of the tree", weighed.weight, weight_below(seed, nodes));
  });
}
