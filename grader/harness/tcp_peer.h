// One end of a TCP connection that behaves as badly as a check wants: it sends byte by byte or
// without end, stops reading, closes one half, breaks off. It plays a client against a server under
// test, and (after accept_tcp) a server against a client under test.
//
//   TcpPeer peer(connect_tcp({.port = port}, deadline), "ring_server");
//   peer.read_line(deadline);
//   peer.send_bytewise("HELLO ann\n", deadline);
//   EXPECT_EQ(peer.read_line(deadline), "WELCOME 1");
//
// To stall is simply not to read. With TcpOptions::receive_buffer_bytes the kernel soon stops
// reading too.
//
// Ownership: the peer owns its descriptor and closes it.
// Thread-safety: one thread at a time. The stop token of flood() may be used from another one.
// Errors: Timeout, PeerClosed, PeerReset, PeerTooMuch (peer_error.h); std::system_error for what no
// peer can cause. SIGPIPE does not arise (MSG_NOSIGNAL).
// Source: send(2), recv(2), shutdown(2), socket(7) for SO_LINGER.
#ifndef GRADER_HARNESS_TCP_PEER_H_
#define GRADER_HARNESS_TCP_PEER_H_

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "grader/harness/deadline.h"
#include "grader/harness/fd.h"
#include "grader/harness/peer_error.h"
#include "grader/harness/transcript.h"

namespace kit {

class TcpPeer {
 public:
  // `name` is the other side, as messages call it.
  TcpPeer(UniqueFd fd, std::string name);

  // --- Sending. Each returns when the kernel has taken all of it.
  void send_all(std::string_view bytes, Deadline deadline);
  // A segment for every byte.
  void send_bytewise(std::string_view bytes, Deadline deadline);
  // A pause after every piece but the last. The pause is what is tested (a reader must not need the
  // rest at once); nothing is synchronised by it.
  void send_pieces(const std::vector<std::string>& pieces, int pause_ms, Deadline deadline);
  // Keeps reading (into the buffer of the read functions) while it sends: for many pipelined
  // commands, where both sides would otherwise wait for the other to read.
  void send_while_reading(std::string_view bytes, Deadline deadline);

  enum class Replies { kLeave, kDiscard };
  struct Flood {
    enum class End { kStopped, kDeadline, kPeerGone };
    End end = End::kDeadline;
    std::uint64_t sent_bytes = 0;
    std::uint64_t discarded_bytes = 0;
  };
  // Sends `unit` over and over, as fast as it is taken, until told to stop. Never throws Timeout.
  Flood flood(std::string_view unit, Replies replies, const std::stop_token& stop,
              Deadline deadline);

  // --- Reading.
  // Without its '\n'; a '\r' before that is left for the check to see.
  std::string read_line(Deadline deadline, std::size_t max_bytes = std::size_t{1} << 20);
  std::string read_exact(std::size_t bytes, Deadline deadline);
  // Everything up to the end of the connection.
  std::string read_until_eof(Deadline deadline, std::size_t max_bytes = std::size_t{64} << 20);
  // Whatever comes in that time, which may be nothing: for checks that expect silence. Returns at
  // once when the connection ends.
  std::string read_for_ms(int time_ms);

  enum class End { kClosed, kReset };
  // Throws away what still comes and says how the connection ended.
  End wait_for_end(Deadline deadline);

  // --- Ending.
  void half_close();  // no more to send; reading goes on
  void reset();       // RST, and what was not delivered is thrown away
  void close();

  const Transcript& transcript() const { return transcript_; }
  // For what the verbs above do not cover. The peer keeps it.
  int fd() const { return fd_.get(); }

 private:
  enum class Got { kData, kEof, kReset, kTimeout };

  Got receive(Deadline deadline);
  Got take_received();
  void require(std::string_view what, Deadline deadline);
  std::size_t try_send(std::string_view bytes);
  short wait_ready(short events, Deadline deadline, int wake_fd = -1) const;
  std::string take(std::size_t bytes);
  std::string so_far() const;
  [[noreturn]] void throw_unsent(std::size_t sent, std::size_t all, Deadline deadline) const;

  UniqueFd fd_;
  std::string name_;
  std::string buffer_;  // received and not yet asked for
  Transcript transcript_;
};

}  // namespace kit

#endif  // GRADER_HARNESS_TCP_PEER_H_
