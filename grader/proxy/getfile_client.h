// A GETFILE client, for checks that play one: it sends a request, whole or in pieces, and requires
// an answer, byte by byte.
//
//     GetfileClient client(proxy);
//     client.ask("/a");
//     client.require_file(content);
//
// What comes is compared while it comes and then forgotten, so a file may be of any size.
//
// Ownership: owns its connection.
// Thread-safety: one thread at a time for each client; the constructor on any thread.
// Errors: the verdicts of check.h, which name the path that was asked for.
#ifndef GRADER_PROXY_GETFILE_CLIENT_H_
#define GRADER_PROXY_GETFILE_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/content.h"
#include "grader/harness/tcp_peer.h"

namespace kit::proxy_lab {

enum class Wire { kDocumented, kStock };

// "GETFILE GET <path>" and the empty line that ends it.
std::string request_for(const std::string& path);

class GetfileClient {
 public:
  // `receive_buffer_bytes` and `host`: see TcpOptions.
  explicit GetfileClient(const Server& server, Wire wire = Wire::kDocumented,
                         int receive_buffer_bytes = 0, const std::string& host = "127.0.0.1");

  // --- Asking. `what` is how a finding calls the request.
  void ask(const std::string& path);
  void send(std::string_view bytes, const std::string& what);
  void send_bytewise(std::string_view bytes, const std::string& what);
  void send_pieces(const std::vector<std::string>& pieces, const std::string& what);
  void half_close() { peer_.half_close(); }
  void reset() { peer_.reset(); }

  // From now on it waits `limit_ms` at most, and in proportion where everything is slower. For what
  // takes a second by its nature: the check's own time is a multiple of that.
  void hurry(std::int64_t limit_ms);

  // --- The answer, whole.
  // OK, the content, and nothing behind it.
  void require_file(const Content& content);
  // An answer without content: "FILE_NOT_FOUND", "ERROR" or "INVALID".
  void require_status(const std::string& status);
  // OK and the whole length, some of the bytes, and then the end of the connection: the origin has
  // sent `sent` of them, and then broke off.
  void require_cut_file(const Content& content, std::uint64_t sent);
  // Nothing but the end of the connection.
  void require_no_answer();

  // --- The parts.
  // Whether anything of it is here, or the connection has ended.
  bool has_answer() const;
  // Up to where content would begin, without the line ends: "GETFILE OK 5".
  std::string read_header();
  void require_header(const std::string& header);
  void require_content(const Content& content, std::uint64_t offset, std::uint64_t count);
  // Content from `offset` on until the connection ends. Returns how many bytes have come.
  std::uint64_t read_rest(const Content& content, std::uint64_t offset);
  void require_end();

 private:
  enum class Got { kData, kEnd, kTimeout };

  Got receive();
  bool header_is_whole(const std::string& header) const;
  void require_right(const Content& content, std::uint64_t offset, std::string_view got) const;
  [[noreturn]] void fail_late(const std::string& what) const;

  TcpPeer peer_;
  const Wire wire_;
  Deadline deadline_ = deadline();
  std::string what_;    // was asked for
  std::string buffer_;  // received and not yet looked at
};

// One request on a connection of its own.
void require_file(const Server& server, const std::string& path, const Content& content,
                  Wire wire = Wire::kDocumented);
void require_status(const Server& server, const std::string& path, const std::string& status,
                    Wire wire = Wire::kDocumented);

}  // namespace kit::proxy_lab

#endif  // GRADER_PROXY_GETFILE_CLIENT_H_
