// expect nothing: what can be encoded moves with its entity, what stays put need not be, and old
// events are upgraded
#include <troupe/troupe.hpp>

#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

struct ledger {
  struct entry {
    std::string who;
    std::vector<int> amounts;
  };
  struct book {};
  using protocol = troupe::protocol<void(book)>;

  void on(book) {}
  void arrived(troupe::context&) {}

  std::map<std::string, entry> entries;
};

class clerk {
 public:
  struct work {};
  using protocol = troupe::protocol<void(work)>;

  void on(work) { ++done_; }
  auto fields() { return std::tie(done_); }

 private:
  int done_ = 0;
};

/// An event that is not written any more, and one that took its place.
struct diary {
  struct write {};
  struct old_line {
    int number = 0;
  };
  struct line {
    int number = 0;
    std::string text;
  };
  using protocol = troupe::protocol<void(write)>;
  using remembers = troupe::remembers<line, old_line>;

  void on(write, troupe::context& ctx) { ctx.persist(line{lines + 1, "text"}); }
  void apply(const line& e) { lines = e.number; }
  line upgrade(const old_line& e) const { return {e.number, {}}; }

  int lines = 0;
};

struct greeter {
  struct greet {};
  using protocol = troupe::protocol<void(greet)>;
  static constexpr bool stays_put = true;

  void on(greet) { say(); }

  std::function<void()> say;
};

void start(troupe::node& node) {
  troupe::entities<ledger> ledgers{node};
  troupe::entities<clerk> clerks{node};
  troupe::entities<diary> diaries{node};
  troupe::entities<greeter> greeters{node};
}
