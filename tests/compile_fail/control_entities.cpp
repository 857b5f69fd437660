// expect nothing: what can be encoded moves with its entity, what stays put need not be
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
  troupe::entities<greeter> greeters{node};
}
