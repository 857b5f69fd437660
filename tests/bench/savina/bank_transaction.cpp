// Bank transaction: a teller moves money between a thousand accounts, which answer when it has
// arrived.
#include "savina.hpp"

#include <algorithm>

struct account {
  struct deposit {
    long amount;
  };
  struct transfer {
    troupe::actor_ref<account> to;
    long amount;
  };
  struct balance {};
  using protocol = troupe::protocol<bool(deposit), bool(transfer), long(balance)>;

  explicit account(long initial) : money(initial) {}

  bool on(deposit m) {
    money += m.amount;
    return true;
  }
  /// Whether there was enough. Other messages are handled while the deposit is on its way.
  troupe::later<bool> on(transfer m, troupe::context& ctx) {
    auto answer = ctx.later<bool>();
    if (m.amount > money) {
      answer.set(false);
      return answer;
    }
    money -= m.amount;
    ctx.ask(m.to, deposit{m.amount}, savina::patience)
        .then([this, answer, amount = m.amount](const troupe::result<bool>& arrived) {
          // Nothing was handled where a mailbox was full: the money stays here.
          if (arrived.code() == troupe::errc::overloaded) money += amount;
          answer.set(arrived);
        });
    return answer;
  }
  long on(balance) const { return money; }

  long money;
};

constexpr int accounts = 1'000;
constexpr long initial = 100;

struct order {
  explicit order(int index) {
    const auto random = savina::draw(6, index);
    from = static_cast<int>(random % accounts);
    to = static_cast<int>((from + 1 + (random >> 20) % (accounts - 1)) % accounts);
    amount = 1 + static_cast<long>((random >> 40) % 100);
  }
  int from, to;
  long amount;
};

struct ledger {
  int done = 0;
  int refused = 0;
  std::vector<long> balances;
};

struct teller {
  struct work {
    int orders;
  };
  using protocol = troupe::protocol<ledger(work)>;

  static constexpr int at_once = 200;

  explicit teller(std::vector<troupe::actor_ref<account>> whose) : all(std::move(whose)) {
    book.balances.assign(accounts, initial);
  }

  troupe::later<ledger> on(work m, troupe::context& ctx) {
    orders = m.orders;
    finished = ctx.later<ledger>();
    while (given < std::min(orders, at_once)) give_one(ctx);
    return finished;
  }
  void give_one(troupe::context& ctx) {
    const order now{given++};
    ctx.ask(all[now.from], account::transfer{all[now.to], now.amount}, savina::patience)
        .then([this, now](const troupe::result<bool>& moved, troupe::context& then) {
          if (!moved) return finished.set(moved.why());
          *moved ? write_down(now) : void(++book.refused);
          if (given < orders) give_one(then);
          if (book.done + book.refused == orders) finished.set(book);
        });
  }
  void write_down(const order& done) {
    ++book.done;
    book.balances[done.from] -= done.amount;
    book.balances[done.to] += done.amount;
  }

  std::vector<troupe::actor_ref<account>> all;
  int orders = 0;
  int given = 0;
  ledger book;
  troupe::later<ledger> finished;
};

int main(int argc, char** argv) {
  return savina::run("bank_transaction", {argv + 1, argv + argc}, [](savina::bench& bench) {
    const int orders = bench.size(200'000);
    auto node = savina::start_node();
    std::vector<troupe::actor_ref<account>> all;
    for (int i = 0; i < accounts; ++i) all.push_back(node.spawn<account>(initial));
    const auto bank = node.spawn<teller>(all);

    const auto book = bench.measure(
        orders, "orders", [&] { return bank.ask(teller::work{orders}, savina::patience).value(); });

    bench.expect("orders done or refused", book.done + book.refused, orders);
    const auto balances = savina::ask_all(all, account::balance{});
    long sum = 0;
    for (int i = 0; i < accounts; ++i) {
      sum += balances[i];
      bench.expect("balance of account " + std::to_string(i), balances[i], book.balances[i]);
      bench.expect_at_most("debts of account " + std::to_string(i), -balances[i], 0L);
    }
    bench.expect("money in the bank", sum, accounts * initial);
  });
}
