// The protocol's grammar: bytes in, commands out; replies in, bytes out.
//
// TCP carries a stream of bytes, not of messages: one recv() may bring half a command, or three and
// a half. The parser therefore keeps what has come so far and gives out a command once all of it is
// there, whatever the splits were. It knows nothing of sockets, which is what makes it easy to
// test.
//
//     parser.feed(bytes);
//     while (auto command = parser.next()) handle(*command);
//
// Lines end in '\n'; one '\r' before it is dropped. The text of a SET or UPDATE is the line after
// the single space that follows the word or the number, kept to the byte.
//
// Limits: a text or body longer than `max_message`, or a line that cannot be part of any command
// that short, gives one Bad{"too-long"} as soon as that is known, and the rest of that line or body
// is skipped, without being kept, as it comes. What is longer than kMaxSkip is not waited for:
// after that Bad, broken() is true, next() gives nothing more, and the caller closes.
//
// Thread-safety: none; a parser belongs to one connection's thread.
#ifndef RING_BUFFER_SERVER_PROTOCOL_H_
#define RING_BUFFER_SERVER_PROTOCOL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ring_buffer.h"

namespace ring {

// The most bytes of a too long line or body that are read and thrown away: 16 MiB.
inline constexpr std::size_t kMaxSkip = std::size_t{16} << 20;

// SET <text> and SETB <length>\n<bytes>
struct Set {
  std::string body;
};
// GET, and GET <count> with a count of at least 1
struct Get {
  std::optional<std::uint64_t> count;
};
struct Update {
  std::uint64_t sequence;
  std::string body;
};
struct Delete {
  std::uint64_t sequence;
};
struct Quit {};
// A line that is no command. `reason` is the word after ERR: "unknown-command", "too-long" or
// "bad-argument" (a number that is missing, zero, negative or no number).
struct Bad {
  std::string reason;
};

using Command = std::variant<Set, Get, Update, Delete, Quit, Bad>;

class Parser {
 public:
  explicit Parser(std::size_t max_message);

  // Takes the next bytes of the stream, any number of them.
  void feed(std::string_view bytes);

  // The next whole line, without its end, as the handshake reads it: before the first next().
  // std::nullopt when no whole line is there yet, or the line is too long (see line_too_long()).
  std::optional<std::string> next_line();

  // True when the line at the front is already longer than any command may be.
  bool line_too_long() const;

  // The next command, in the order of the stream; std::nullopt when no whole one is there yet.
  std::optional<Command> next();

  // True once the stream cannot be followed any further; see Limits above.
  bool broken() const;

  // A shortcut for large bodies. While the body of a SETB is awaited, body_space() is the place
  // where its next bytes belong: receive into it and tell how many came with body_received(), and
  // they need not be copied by feed(). Otherwise it is empty.
  std::span<char> body_space();
  void body_received(std::size_t count);

 private:
  // TODO(step 2): What the parser remembers between two calls: the bytes that are not used yet,
  // and where in the stream it stands.
};

// Replies. Each returns the bytes to send.
std::string format_ok(std::uint64_t sequence);      // OK <sequence>\n
std::string format_error(std::string_view reason);  // ERR <reason>\n
// The line before a message's body: MSG <sequence> <author> <length>\n. After the body comes '\n'.
std::string format_message_header(const Message& message);
// The whole answer to GET (a message, or EMPTY\n) and to GET <count> (LIST <n>\n, then n messages).
std::string format_newest(const std::vector<MessagePtr>& newest);
std::string format_list(const std::vector<MessagePtr>& messages);

}  // namespace ring

#endif  // RING_BUFFER_SERVER_PROTOCOL_H_
