#include "seed.hpp"
#include "travel_fixture.hpp"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <random>

namespace troupe::runtime {
namespace {

using numbers = std::vector<int>;

struct helper {
  struct question {
    int number = 0;
  };
  using protocol = troupe::protocol<int(question)>;
  int on(question m) { return m.number; }
};

/// Writes down what came to it, by the way it came; moves with all of it.
struct nomad {
  struct add {
    int number = 0;
  };
  struct echo {
    int number = 0;
  };
  struct ponder {
    int number = 0;
  };
  struct consult {
    int number = 0;
  };
  struct set {
    int number = 0;
    std::chrono::microseconds in{};
  };
  struct ring {
    int number = 0;
  };
  struct keep {
    int number = 0;
  };
  struct open {};
  struct meet {
    actor_ref<helper> whom;
  };
  struct pages {
    numbers added, rung, consulted, kept;
  };
  struct tell_all {};
  using protocol = troupe::protocol<void(add), int(echo), int(ponder), void(consult), void(set),
                                    void(ring), int(keep), void(open), void(meet), pages(tell_all)>;

  void on(add m) { book.added.push_back(m.number); }
  int on(echo m) {
    book.added.push_back(m.number);
    return m.number;
  }
  task<int> on(ponder m, context& ctx) {
    book.added.push_back(m.number);
    auto asked = ctx.ask(known, helper::question{m.number}, 60s);
    const auto r = co_await asked;
    co_return r ? *r : -1;
  }
  void on(consult m, context& ctx) {
    ctx.ask(known, helper::question{m.number}, 60s).then([this](const result<int>& r) {
      book.consulted.push_back(r ? *r : -1);
    });
  }
  void on(set m, context& ctx) { ctx.after(m.in, ring{m.number}); }
  void on(ring m) { book.rung.push_back(m.number); }
  result<int> on(keep m, context& ctx) {
    if (!is_open) return ctx.stash(m);
    book.kept.push_back(m.number);
    return m.number;
  }
  void on(open, context& ctx) {
    is_open = !is_open;
    if (is_open) ctx.unstash();
  }
  void on(const meet& m) { known = m.whom; }
  pages on(tell_all) { return book; }

  pages book;
  bool is_open = false;
  actor_ref<helper> known;
};

/// One nomad, wherever it is: what is sent goes to where it lives, and waits while it changes that.
class tracked {
 public:
  tracked(node& n, home<nomad>& h, std::string id) : at_(&n), home_(&h), id_(std::move(id)) {
    cell_ = home_->make(id_);
  }

  template <class F>
  auto with(F f) {
    const std::lock_guard lock{mutex_};
    return f(ref_to<nomad>(cell_));
  }
  /// Freezes it; then, if it came to rest, it goes on here or there.
  bool move(node& to, home<nomad>& there, bool thaw) {
    auto packed = freeze(cell_, *at_).get();
    if (!packed) return false;
    if (thaw || &to == at_) return travelling_cell::thaw(*cell_), true;
    const auto next = there.receive(id_, sent(*packed));
    const std::lock_guard lock{mutex_};
    travelling_cell::leave(*cell_);
    for (auto& message : home_->wait_for_end()) EXPECT_EQ(next->push(message), errc::ok);
    cell_ = next;
    at_ = &to;
    home_ = &there;
    return true;
  }

 private:
  std::mutex mutex_;
  node* at_;
  home<nomad>* home_;
  const std::string id_;
  cell_ptr cell_;
};

class TravellingCells : public three_nodes {};

/// What was sent to one nomad.
struct sent_so_far {
  int added = 0, rung = 0, consulted = 0, kept = 0;
  std::vector<std::pair<int, answer<int>>> asked;
};

template <class M>
void ask_one(tracked& whom, sent_so_far& s, int& next) {
  const int number = next++;
  s.asked.emplace_back(number, whom.with([&](const auto& r) { return r.ask(M{number}, 60s); }));
}

void send_one(tracked& to, sent_so_far& s, std::mt19937_64& random) {
  const auto in = std::chrono::microseconds{random() % 5000};
  const auto tell = [&](auto message) { to.with([&](const auto& r) { return r.tell(message); }); };
  switch (random() % 8) {
    case 0:
    case 1:
    case 2: return tell(nomad::add{s.added++});
    case 3: return ask_one<nomad::echo>(to, s, s.added);
    case 4: return ask_one<nomad::ponder>(to, s, s.added);
    case 5: return tell(nomad::consult{s.consulted++});
    case 6: return tell(nomad::set{s.rung++, in});
    default:
      if (random() % 4 == 0) return tell(nomad::open{});
      return ask_one<nomad::keep>(to, s, s.kept);
  }
}

numbers up_to(int count) {
  numbers all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

nomad::pages settled(tracked& one, const sent_so_far& s) {
  one.with([](const auto& r) { return r.tell(nomad::open{}); });
  if (!one.with([](const auto& r) { return r.ask(nomad::keep{-1}, 1s); }).get()) {
    one.with([](const auto& r) { return r.tell(nomad::open{}); });  // that had shut it
  }
  const auto give_up = std::chrono::steady_clock::now() + 30s;
  for (;;) {
    auto pages = one.with([](const auto& r) { return r.ask(nomad::tell_all{}, 20s); }).value();
    const bool all = static_cast<int>(pages.rung.size()) >= s.rung &&
                     static_cast<int>(pages.consulted.size()) >= s.consulted;
    if (all || std::chrono::steady_clock::now() > give_up) return pages;
    std::this_thread::yield();
  }
}

TEST_F(TravellingCells, LoseRepeatAndReorderNothing) {
  auto random = testing_support::seeded_random();
  const auto adviser = a.spawn<helper>();
  std::vector<node*> nodes{&a, &b};
  constexpr std::size_t count = 4;
  std::deque<home<nomad>> homes_a, homes_b;  // one each: they wait for one end at a time
  std::deque<tracked> all;
  for (std::size_t i = 0; i < count; ++i) {
    auto& home_a = homes_a.emplace_back(a);
    homes_b.emplace_back(b);
    all.emplace_back(a, home_a, "n" + std::to_string(i));
    all.back().with([&](const auto& r) { return r.tell(nomad::meet{adviser}); });
  }
  std::atomic<bool> over{false};
  int moved = 0, stayed = 0;
  std::thread mover{[&, random = std::mt19937_64{random()}]() mutable {
    while (!over) {
      const auto i = random() % count;
      const bool to_b = random() % 2 == 0, thaw = random() % 4 == 0;
      const bool done = all[i].move(*nodes[to_b ? 1 : 0], to_b ? homes_b[i] : homes_a[i], thaw);
      ++(done ? moved : stayed);
    }
  }};
  std::deque<sent_so_far> said(count);
  for (int i = 0; i < 12'000; ++i) {
    const auto which = random() % count;
    send_one(all[which], said[which], random);
    if (i % 16 == 0) std::this_thread::yield();
    if (i % 256 == 0)
      (void)all[which].with([](const auto& r) { return r.ask(nomad::tell_all{}, 60s); }).get();
  }
  over = true;
  mover.join();

  EXPECT_GT(moved, 20);
  std::cout << moved << " moves, " << stayed << " that came to nothing\n";
  for (std::size_t i = 0; i < count; ++i) {
    auto pages = settled(all[i], said[i]);
    EXPECT_EQ(pages.added, up_to(said[i].added));
    EXPECT_EQ(pages.consulted.size(), static_cast<std::size_t>(said[i].consulted));
    std::erase(pages.kept, -1);
    EXPECT_EQ(pages.kept, up_to(said[i].kept));
    for (auto* unordered : {&pages.rung, &pages.consulted}) std::ranges::sort(*unordered);
    EXPECT_EQ(pages.rung, up_to(said[i].rung));
    EXPECT_EQ(pages.consulted, up_to(said[i].consulted));
    for (auto& [number, answer] : said[i].asked) {
      const auto got = answer.get();
      ASSERT_TRUE(got) << to_string(got.why());
      EXPECT_EQ(*got, number);
    }
  }
}

}  // namespace
}  // namespace troupe::runtime
