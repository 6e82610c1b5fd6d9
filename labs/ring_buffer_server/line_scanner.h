// LineScanner: takes a stream of bytes apart into lines and the bodies after some of them.
//
// The client has to do this twice. Of the user's input, a SETB line is followed by bytes that are
// no commands, even if they look like one; of the server's replies, a MSG line is followed by bytes
// that are no replies. In both cases it is the line that says how many bytes come after it.
//
// Thread-safety: none; one scanner belongs to one thread.
// Errors: what the two functions throw.
#ifndef RING_BUFFER_SERVER_LINE_SCANNER_H_
#define RING_BUFFER_SERVER_LINE_SCANNER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace ring {

class LineScanner {
 public:
  // Is given each whole line, without its end ("\n" or "\r\n"), and returns how many bytes of body
  // follow it.
  using OnLine = std::function<std::uint64_t(std::string_view line)>;
  // Is given the bytes of bodies, as they come.
  using OnBody = std::function<void(std::string_view bytes)>;

  LineScanner(OnLine on_line, OnBody on_body);

  void feed(std::string_view bytes);

  // Where the stream stands: inside a body, or inside a line.
  bool in_body() const { return body_left_ > 0; }
  bool in_line() const { return !partial_.empty(); }

 private:
  void take_line(std::string_view& bytes);

  OnLine on_line_;
  OnBody on_body_;
  std::string partial_;  // the line that has not ended yet
  std::uint64_t body_left_ = 0;
};

}  // namespace ring

#endif  // RING_BUFFER_SERVER_LINE_SCANNER_H_
