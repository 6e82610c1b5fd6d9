// transfer(a, b) against transfer(b, a).
#include <cassert>
#include <mutex>
#include <thread>

struct Account {
  std::mutex mutex;
  int balance = 100;
};

Account one, two;

void transfer(Account& from, Account& to, int amount) {
#ifdef FIXED
  const std::scoped_lock lock(from.mutex, to.mutex);
#else
  const std::lock_guard<std::mutex> first(from.mutex);
  const std::lock_guard<std::mutex> second(to.mutex);
#endif
  from.balance -= amount;
  to.balance += amount;
}

int main() {
  std::thread a([] { transfer(one, two, 10); }), b([] { transfer(two, one, 20); });
  a.join();
  b.join();
  assert(one.balance + two.balance == 200);
}
