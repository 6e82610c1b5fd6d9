// Datagrams: bytes in, requests out; replies in, bytes out.
//
// A request is a first line and, for a write, data after it:
//
//     r <mailbox>\n                          read
//     w <mailbox> <length>\n<length bytes>   write, exact: the data is as long as the line says
//     w <mailbox>\n<data>                    write, open: the data ends when the client pauses
//     q\n                                    quit; a number after it is ignored
//
// TCP carries a stream of bytes, and what one send() sent may arrive in pieces, or together with
// the next. An exact write says where it ends, so that any split is read alike. An open write does
// not: it ends with a pause (or with the stream), and what comes before the pause is data, whatever
// it looks like. The parser has no clock. Its user has one, and tells it what happened:
//
//     while (auto request = parser.next()) carry_out(*request);
//     switch (parser.waits_for()) { ... }     // how long to wait for more
//     parser.on_bytes(...), on_pause(), on_data_timeout() or on_end()
//
// Words of a line are separated by spaces. A '\r' before the newline is dropped. A number too large
// for 64 bits counts as the largest of them. A line that is whole but lacks its newline ("r 1", "w
// 2", "q") counts as ended by a pause, or by the end of the stream; a newline that comes after such
// a pause is an empty line of its own.
//
// What is refused, each with one Bad in the place of the request:
//   - kBadRequest: a line that is no command, or is longer than kMaxLineBytes (it is skipped up to
//     its newline). An open write without any data by the data timeout or the end of the stream. An
//     exact write of which nothing more comes by the data timeout (the rest is skipped when it
//     comes), or that the stream ends in. A part of a line at the end of the stream.
//   - kTooBig: more data than packet_bytes. It is skipped as it comes, never kept: an exact write
//     is refused at once, an open one when it ends.
// The next line after the skipped data is read as usual.
//
// Time: a request takes the time for its own bytes, however many wait behind it. A client may have
// sent a hundred thousand requests in one go.
//
// Thread-safety: none; a parser belongs to one connection's thread.
// Errors: std::bad_alloc only.
#ifndef DIPC_DATAGRAM_H_
#define DIPC_DATAGRAM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace dipc {

// The longest first line, without its end.
inline constexpr std::size_t kMaxLineBytes = 128;

struct Read {
  std::uint64_t mailbox;
};
struct Write {
  std::uint64_t mailbox;
  std::string_view data;  // lies in the parser, until it is next told or asked something
};
struct Quit {};

// The reasons of an "err" reply.
enum class Reason { kBadRequest, kNoSuchMailbox, kTooBig, kTimeout };

struct Bad {
  Reason reason;  // kBadRequest or kTooBig: the parser knows of no mailboxes and no locks
};

using Request = std::variant<Read, Write, Quit, Bad>;

class DatagramParser {
 public:
  // What the parser waits for when next() has nothing.
  enum class Wait {
    kBytes,  // more bytes, for as long as the client likes
    kPause,  // more bytes, or a pause of --pause-ms: then on_pause()
    kData,   // more bytes, or --data-timeout-ms without any: then on_data_timeout()
  };

  // `packet_bytes`: the most data of one write.
  explicit DatagramParser(std::size_t packet_bytes);

  // The next request, in the order of the stream; std::nullopt when no whole one is there yet, and
  // after a Quit for ever.
  std::optional<Request> next();

  // Call these only when next() has returned std::nullopt.
  Wait waits_for() const;
  void on_bytes(std::string_view bytes);
  void on_pause();
  void on_data_timeout();
  void on_end();  // the client sends no more: what is unfinished is finished or refused by next()

  // A shortcut that saves a copy: room for the next bytes of the stream, never empty. Receive into
  // it, and tell how many came. This is on_bytes() otherwise.
  std::span<char> space();
  void received(std::size_t count);

 private:
  // TODO(step 3): What the parser remembers between two calls: the bytes that are not used yet,
  // and where in the stream it stands.
};

// Replies. A read's answer is format_ok(n) and then the n bytes; a write's is format_ok(0).
std::string format_ok(std::uint64_t length);  // ok <length>\n
std::string format_error(Reason reason);      // err <reason>\n

}  // namespace dipc

#endif  // DIPC_DATAGRAM_H_
