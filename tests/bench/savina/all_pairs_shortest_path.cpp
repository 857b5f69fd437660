// All-pairs shortest paths: Floyd and Warshall's algorithm on a matrix cut into blocks, each an
// actor that sends its row and column what they need next.
#include "savina.hpp"

#include <algorithm>
#include <map>
#include <memory>

constexpr int edge = 40;  // of a block
using matrix = std::vector<int>;
using shared_matrix = std::shared_ptr<const matrix>;  // shared inside a node, not copied

/// For all i, j and then each k: d(i, j) is at most left(i, k) + top(k, j); all may be the same.
void relax(matrix& d, const matrix& left, const matrix& top) {
  for (int k = 0; k < edge; ++k) {
    for (int i = 0; i < edge; ++i) {
      const int before = left[i * edge + k];
      for (int j = 0; j < edge; ++j)
        d[i * edge + j] = std::min(d[i * edge + j], before + top[k * edge + j]);
    }
  }
}

struct block {
  struct meet {
    std::vector<troupe::actor_ref<block>> row, column;
  };
  struct run {};
  struct from_row {
    int round;
    shared_matrix part;
  };
  struct from_column {
    int round;
    shared_matrix part;
  };
  using protocol = troupe::protocol<void(meet), matrix(run), void(from_row), void(from_column)>;

  block(int r, int c, matrix part) : row(r), column(c), distances(std::move(part)) {}

  void on(meet m) { neighbours = std::move(m); }
  troupe::later<matrix> on(run, troupe::context& ctx) {
    finished = ctx.later<matrix>();
    go_on(ctx);
    return finished;
  }
  // Others may be rounds ahead: what they send is kept until its round.
  void on(const from_row& m, troupe::context& ctx) {
    lefts[m.round] = m.part;
    go_on(ctx);
  }
  void on(const from_column& m, troupe::context& ctx) {
    tops[m.round] = m.part;
    go_on(ctx);
  }

  int rounds() const { return static_cast<int>(neighbours.row.size()); }

  void go_on(troupe::context& ctx) {
    for (; round < rounds(); ++round) {
      const bool in_column = column == round, in_row = row == round;
      if ((!in_column && !lefts.contains(round)) || (!in_row && !tops.contains(round))) return;
      relax(distances, in_column ? distances : *lefts[round], in_row ? distances : *tops[round]);
      lefts.erase(round);
      tops.erase(round);
      if (!in_column && !in_row) continue;
      const auto part = std::make_shared<const matrix>(distances);
      if (in_column) tell_others(neighbours.row, column, from_row{round, part}, ctx);
      if (in_row) tell_others(neighbours.column, row, from_column{round, part}, ctx);
    }
    finished.set(distances);
  }
  template <class M>
  static void tell_others(const std::vector<troupe::actor_ref<block>>& all, int self,
                          const M& message, troupe::context& ctx) {
    for (int i = 0; i < static_cast<int>(all.size()); ++i) {
      if (i != self) savina::must(ctx.tell(all[i], message));
    }
  }

  int row, column;
  matrix distances;
  meet neighbours;
  int round = 0;
  std::map<int, shared_matrix> lefts, tops;
  troupe::later<matrix> finished;
};

matrix random_roads(int places) {
  matrix d(places * places);
  for (int i = 0; i < places * places; ++i)
    d[i] = i % (places + 1) == 0 ? 0 : 1 + static_cast<int>(savina::draw(9, i) % 1'000);
  return d;
}

matrix one_after_another(matrix d, int places) {
  for (int k = 0; k < places; ++k) {
    for (int i = 0; i < places; ++i) {
      for (int j = 0; j < places; ++j) {
        d[i * places + j] = std::min(d[i * places + j], d[i * places + k] + d[k * places + j]);
      }
    }
  }
  return d;
}

std::vector<troupe::actor_ref<block>> cut(const matrix& d, int blocks, troupe::node& node) {
  std::vector<troupe::actor_ref<block>> all;
  for (int b = 0; b < blocks * blocks; ++b) {
    matrix part;
    for (int i = 0; i < edge; ++i) {
      const auto start = d.begin() + (b / blocks * edge + i) * blocks * edge + b % blocks * edge;
      part.insert(part.end(), start, start + edge);
    }
    all.push_back(node.spawn<block>(b / blocks, b % blocks, part));
  }
  for (int b = 0; b < blocks * blocks; ++b) {
    block::meet m;
    for (int i = 0; i < blocks; ++i) {
      m.row.push_back(all[b / blocks * blocks + i]);
      m.column.push_back(all[i * blocks + b % blocks]);
    }
    savina::must(all[b].tell(m));
  }
  return all;
}

int main(int argc, char** argv) {
  return savina::run("all_pairs_shortest_path", {argv + 1, argv + argc}, [](savina::bench& bench) {
    const int blocks = bench.size(20);  // in each direction
    const auto roads = random_roads(blocks * edge);
    auto node = savina::start_node();
    const auto all = cut(roads, blocks, node);

    const double work = double(blocks) * blocks * blocks;
    const auto parts =
        bench.measure(work, "blocks", [&] { return savina::ask_all(all, block::run{}); });

    const int places = blocks * edge;
    const auto wanted = one_after_another(roads, places);
    for (int i = 0; i < places * places; ++i) {
      const int row = i / places, column = i % places;
      const auto& part = parts[row / edge * blocks + column / edge];
      bench.expect("way from " + std::to_string(row) + " to " + std::to_string(column),
                   part[row % edge * edge + column % edge], wanted[i]);
    }
  });
}
