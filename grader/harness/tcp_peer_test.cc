#include "grader/harness/tcp_peer.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <optional>
#include <thread>

#include "grader/harness/tcp_socket.h"

namespace kit {
namespace {

Deadline soon() { return Deadline::after_ms(10'000); }
Deadline at_once() { return Deadline::after_ms(20); }

// Both ends of one connection. `left` speaks to "server", `right` to "client".
struct Pair {
  explicit Pair(int receive_buffer_bytes = 0) {
    const UniqueFd listener = listen_tcp({});
    left.emplace(connect_tcp({.port = local_port(listener.get()),
                              .receive_buffer_bytes = receive_buffer_bytes},
                             soon()),
                 "server");
    right.emplace(accept_tcp(listener.get(), soon()), "client");
  }
  std::optional<TcpPeer> left;
  std::optional<TcpPeer> right;
};

template <class Error, class Action>
std::string message_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(TcpPeer, LinesComeAsTheyWereSent) {
  Pair pair;
  pair.right->send_all("one\ntwo\r\n\nrest", soon());
  EXPECT_EQ(pair.left->read_line(soon()), "one");
  EXPECT_EQ(pair.left->read_line(soon()), "two\r");
  EXPECT_EQ(pair.left->read_line(soon()), "");
  EXPECT_EQ(pair.left->read_exact(4, soon()), "rest");
}

TEST(TcpPeer, BytewiseArrivesInManySegments) {
  Pair pair;
  pair.left->send_bytewise("HELLO ann\n", soon());
  EXPECT_EQ(pair.right->read_line(soon()), "HELLO ann");
  EXPECT_EQ(pair.left->transcript().text(), "> HELLO ann\n");
}

TEST(TcpPeer, PiecesAreApart) {
  Pair pair;
  std::jthread sender([&] { pair.left->send_pieces({"SE", "T", " x\n"}, 5, soon()); });
  EXPECT_EQ(pair.right->read_line(soon()), "SET x");
}

TEST(TcpPeer, TimeoutSaysWhatWasWaitedForAndWhatHadCome) {
  Pair pair;
  pair.right->send_all("WELC", soon());
  EXPECT_EQ(pair.left->read_exact(1, soon()), "W");
  EXPECT_EQ(message_of<Timeout>([&] { pair.left->read_line(at_once()); }),
            "server did not send a line within 20 ms; so far had come: \"ELC\" (3 bytes)");
}

TEST(TcpPeer, ClosedWhileALineIsExpected) {
  Pair pair;
  pair.right->close();
  EXPECT_EQ(message_of<PeerClosed>([&] { pair.left->read_line(soon()); }),
            "server closed the connection where a line was expected; nothing had come so far");
  EXPECT_EQ(pair.left->transcript().text(), "- closed by server\n");
}

TEST(TcpPeer, ResetIsToldApartFromClosed) {
  Pair pair;
  pair.right->reset();
  EXPECT_THROW(pair.left->read_line(soon()), PeerReset);
}

TEST(TcpPeer, HowItEnded) {
  Pair closed;
  closed.right->send_all("some last words", soon());
  closed.right->close();
  EXPECT_EQ(closed.left->wait_for_end(soon()), TcpPeer::End::kClosed);
  Pair reset;
  reset.right->reset();
  EXPECT_EQ(reset.left->wait_for_end(soon()), TcpPeer::End::kReset);
  Pair open;
  EXPECT_THROW(open.left->wait_for_end(at_once()), Timeout);
}

TEST(TcpPeer, HalfCloseStillReads) {
  Pair pair;
  pair.left->send_all("last\n", soon());
  pair.left->half_close();
  EXPECT_EQ(pair.right->read_until_eof(soon()), "last\n");
  pair.right->send_all("answer\n", soon());
  EXPECT_EQ(pair.left->read_line(soon()), "answer");
}

TEST(TcpPeer, SilenceIsAnEmptyAnswer) {
  Pair pair;
  EXPECT_EQ(pair.left->read_for_ms(20), "");
  pair.right->send_all("late", soon());
  pair.right->close();
  EXPECT_EQ(pair.left->read_for_ms(10'000), "late");
}

TEST(TcpPeer, SendingToOneWhoDoesNotReadEndsInTimeout) {
  Pair pair(4'096);
  const std::string much(32 << 20, 'x');
  const std::string message =
      message_of<Timeout>([&] { pair.right->send_all(much, Deadline::after_ms(100)); });
  EXPECT_EQ(message.substr(0, 12), "client took ");
  EXPECT_NE(message.find(" of 33554432 bytes within 100 ms, and then no more"), std::string::npos);
}

TEST(TcpPeer, SendingToOneWhoIsGoneIsAReset) {
  Pair pair;
  pair.right->reset();
  EXPECT_THROW(pair.left->send_all(std::string(1 << 20, 'x'), soon()), PeerReset);
}

// An echo whose answers nobody takes stops reading. Sending alone would wait for ever.
TEST(TcpPeer, PipelinesMoreThanTheKernelHolds) {
  Pair pair(4'096);
  const std::string commands(8 << 20, 'c');
  std::jthread echo([&] {
    std::size_t done = 0;
    while (done < commands.size()) {
      const std::size_t part = std::min<std::size_t>(commands.size() - done, 64 << 10);
      pair.right->send_all(pair.right->read_exact(part, soon()), soon());
      done += part;
    }
  });
  pair.left->send_while_reading(commands, soon());
  EXPECT_EQ(pair.left->read_exact(commands.size(), soon()), commands);
}

TEST(TcpPeer, FloodGoesOnUntilTold) {
  Pair pair;
  TcpPeer::Flood flood;
  {
    std::jthread flooder([&](const std::stop_token& stop) {
      flood = pair.left->flood("SET x\n", TcpPeer::Replies::kLeave, stop, soon());
    });
    for (int i = 0; i < 10'000; ++i) ASSERT_EQ(pair.right->read_line(soon()), "SET x");
  }
  EXPECT_EQ(flood.end, TcpPeer::Flood::End::kStopped);
  EXPECT_GE(flood.sent_bytes, 60'000u);
}

TEST(TcpPeer, FloodThatIsNotTakenWaitsAndIsStopped) {
  Pair pair;
  std::jthread flooder([&](const std::stop_token& stop) {
    const TcpPeer::Flood flood =
        pair.left->flood("x", TcpPeer::Replies::kLeave, stop, Deadline::after_ms(60'000));
    EXPECT_EQ(flood.end, TcpPeer::Flood::End::kStopped);
  });
  EXPECT_EQ(pair.right->read_exact(1, soon()), "x");
}

TEST(TcpPeer, FloodEndsAtItsDeadline) {
  Pair pair;
  const TcpPeer::Flood flood =
      pair.left->flood("x", TcpPeer::Replies::kLeave, std::stop_token(), at_once());
  EXPECT_EQ(flood.end, TcpPeer::Flood::End::kDeadline);
}

TEST(TcpPeer, FloodEndsWhenThePeerIsGone) {
  Pair pair;
  pair.right->send_all("ERR too-long\n", soon());
  pair.right->close();
  const TcpPeer::Flood flood =
      pair.left->flood("x", TcpPeer::Replies::kDiscard, std::stop_token(), soon());
  EXPECT_EQ(flood.end, TcpPeer::Flood::End::kPeerGone);
}

TEST(TcpPeer, LineWithoutEndIsTooMuch) {
  Pair pair;
  pair.right->send_all(std::string(5'000, 'x'), soon());
  EXPECT_THROW(pair.left->read_line(soon(), 1'000), PeerTooMuch);
}

TEST(TcpPeer, TranscriptTellsTheWholeConversation) {
  Pair pair;
  pair.right->send_all("RING/1 00\n", soon());
  EXPECT_EQ(pair.left->read_line(soon()), "RING/1 00");
  pair.left->send_all("HELLO ann\n", soon());
  pair.left->half_close();
  EXPECT_EQ(pair.left->transcript().text(),
            "< RING/1 00\n> HELLO ann\n- half-closed: nothing more will be sent\n");
}

}  // namespace
}  // namespace kit
