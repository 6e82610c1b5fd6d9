// Appending another buffer: its length is asked in one locked section, its text taken in the next.
#include <cassert>
#include <mutex>
#include <string>
#include <thread>

class Buffer {
 public:
  explicit Buffer(std::string text) : text_(std::move(text)) {}
  std::size_t length() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return text_.size();
  }
  std::string part(std::size_t count) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return text_.substr(0, count);
  }
  std::string all() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return text_;
  }
  void erase() {
    const std::lock_guard<std::mutex> lock(mutex_);
    text_.clear();
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

int main() {
  Buffer buffer("abc");
  std::thread a([&] {
#ifdef FIXED
    const std::string text = buffer.all();
    assert(text.empty() || text.size() == 3);
#else
    const std::size_t length = buffer.length();
    assert(buffer.part(length).size() == length);
#endif
  });
  std::thread b([&] { buffer.erase(); });
  a.join();
  b.join();
}
