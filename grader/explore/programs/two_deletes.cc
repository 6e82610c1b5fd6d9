// Two handlers close the same connection.
#include <atomic>
#include <thread>

struct Connection {
  int fd = 3;
};

std::atomic<Connection*> connection{nullptr};

void close_it() {
#ifdef FIXED
  delete connection.exchange(nullptr);
#else
  Connection* mine = connection;
  if (mine == nullptr) return;
  connection = nullptr;
  delete mine;
#endif
}

int main() {
  connection = new Connection;
  std::thread a(close_it), b(close_it);
  a.join();
  b.join();
}
