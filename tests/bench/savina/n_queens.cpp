// N queens: a master gives boards to twenty workers, who solve the small ones and split the others.
#include "savina.hpp"

#include <algorithm>
#include <iterator>

/// The columns of the queens in the first rows.
using board = std::vector<std::int8_t>;

bool fits(const board& b, int column) {
  for (int row = 0, below = static_cast<int>(b.size()); row < static_cast<int>(b.size()); ++row) {
    if (b[row] == column || std::abs(b[row] - column) == below - row) return false;
  }
  return true;
}

long count_solutions(board& b, int queens) {
  if (static_cast<int>(b.size()) == queens) return 1;
  long found = 0;
  for (int column = 0; column < queens; ++column) {
    if (!fits(b, column)) continue;
    b.push_back(static_cast<std::int8_t>(column));
    found += count_solutions(b, queens);
    b.pop_back();
  }
  return found;
}

struct worker {
  struct solve {
    board start;
    int queens;
  };
  struct outcome {
    long solutions = 0;
    std::vector<board> rest;  // boards with one more queen, to be solved
  };
  using protocol = troupe::protocol<outcome(solve)>;

  static constexpr int split_rows = 4;

  outcome on(solve m) {
    outcome result;
    if (static_cast<int>(m.start.size()) >= std::min(split_rows, m.queens)) {
      result.solutions = count_solutions(m.start, m.queens);
      return result;
    }
    for (int column = 0; column < m.queens; ++column) {
      if (!fits(m.start, column)) continue;
      result.rest.push_back(m.start);
      result.rest.back().push_back(static_cast<std::int8_t>(column));
    }
    return result;
  }
};

struct master {
  struct count {
    int queens;
  };
  struct total {
    long solutions = 0;
    int boards = 0;
  };
  using protocol = troupe::protocol<total(count)>;

  void started(troupe::context& ctx) {
    for (int i = 0; i < 20; ++i) idle.push_back(ctx.spawn<worker>());
  }
  troupe::later<total> on(count m, troupe::context& ctx) {
    queens = m.queens;
    finished = ctx.later<total>();
    open.push_back({});
    hand_out(ctx);
    return finished;
  }
  void hand_out(troupe::context& ctx) {
    for (; !idle.empty() && !open.empty(); ++busy) {
      const auto one = idle.back();
      idle.pop_back();
      ctx.ask(one, worker::solve{open.back(), queens}, savina::patience)
          .then([this, one](troupe::result<worker::outcome> solved, troupe::context& then) {
            if (!solved) return finished.set(solved.why());
            --busy;
            idle.push_back(one);
            ++sum.boards;
            sum.solutions += solved->solutions;
            std::move(solved->rest.begin(), solved->rest.end(), std::back_inserter(open));
            hand_out(then);
            if (busy == 0) finished.set(sum);
          });
      open.pop_back();
    }
  }

  int queens = 0;
  int busy = 0;
  std::vector<board> open;
  std::vector<troupe::actor_ref<worker>> idle;
  total sum;
  troupe::later<total> finished;
};

// https://oeis.org/A000170
constexpr long known[] = {1, 1, 0, 0, 2, 10, 4, 40, 92, 352, 724, 2'680, 14'200, 73'712, 365'596};

int main(int argc, char** argv) {
  return savina::run("n_queens", {argv + 1, argv + argc}, [](savina::bench& bench) {
    const int queens = bench.size(12);
    if (queens >= static_cast<int>(std::size(known)) || known[queens] == 0)
      throw std::runtime_error("the size is a number of queens with solutions: 1, or 4 to 14");
    auto node = savina::start_node();
    const auto boss = node.spawn<master>();

    const auto total = bench.measure(static_cast<double>(known[queens]), "solutions", [&] {
      return boss.ask(master::count{queens}, savina::patience).value();
    });

    bench.expect("solutions", total.solutions, known[queens]);
  });
}
