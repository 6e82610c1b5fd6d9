// The first and the last part of a stream whose length nobody knows.
//
// Thread-safety: none.
#ifndef GRADER_HARNESS_OUTPUT_BUFFER_H_
#define GRADER_HARNESS_OUTPUT_BUFFER_H_

#include <string>
#include <string_view>

namespace kit {

class OutputBuffer {
 public:
  static constexpr std::size_t kHeadBytes = std::size_t{256} << 10;
  static constexpr std::size_t kTailBytes = std::size_t{64} << 10;

  void append(std::string_view bytes) {
    total_ += bytes.size();
    const std::size_t room = kHeadBytes - head_.size();
    head_ += bytes.substr(0, room);
    if (bytes.size() <= room) return;
    tail_ += bytes.substr(room);
    if (tail_.size() > 2 * kTailBytes) tail_.erase(0, tail_.size() - kTailBytes);
  }

  // All bytes that came, kept or not.
  std::size_t total() const { return total_; }

  std::string text() const {
    const std::size_t left_out = total_ - head_.size() - tail_.size();
    if (left_out == 0) return head_ + tail_;
    return head_ + "\n... " + std::to_string(left_out) + " bytes left out ...\n" + tail_;
  }

 private:
  std::string head_;
  std::string tail_;
  std::size_t total_ = 0;
};

}  // namespace kit

#endif  // GRADER_HARNESS_OUTPUT_BUFFER_H_
