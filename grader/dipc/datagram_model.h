// What a stream of bytes and pauses means, in the simplest way there is: the model against which
// the student's parser is judged. It keeps all that has come, and never thinks about how it was cut
// up.
#ifndef GRADER_DIPC_DATAGRAM_MODEL_H_
#define GRADER_DIPC_DATAGRAM_MODEL_H_

#include <cstdint>
#include <string>
#include <vector>

namespace kit::dipc_lab {

class DatagramModel {
 public:
  explicit DatagramModel(std::uint64_t packet_bytes) : packet_bytes_(packet_bytes) {}

  // Each returns the requests that are there then, as the probe shows them.
  std::string bytes(const std::string& data);
  std::string pause();
  std::string data_timeout();
  std::string end();

  // "bytes", "pause" or "data".
  std::string waits() const;

 private:
  enum class In { kLine, kExact, kOpen, kRestOfLine, kRestOfExact, kNothing };

  void say(const std::string& request);
  std::string said();
  void go_on();
  bool step();
  void command(std::string line);
  void finish_open();

  std::uint64_t packet_bytes_;
  In in_ = In::kLine;
  std::string rest_;  // that is not used up
  std::string mailbox_;
  std::uint64_t length_ = 0;  // of exact data, or what is left to skip of it
  std::vector<std::string> said_;
};

}  // namespace kit::dipc_lab

#endif  // GRADER_DIPC_DATAGRAM_MODEL_H_
