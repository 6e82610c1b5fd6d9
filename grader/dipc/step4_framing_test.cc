// Step 4, framing: where the data of a write ends, however its bytes arrive.
//
// About time. A server may be slow, and so may this machine; a pause that is measured here is still
// a pause of at least that length there. So what may not happen before a pause is over is judged by
// the time from before the last send; what must not be torn by a short pause is judged only when
// the sends themselves were as close together as they should be.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "grader/dipc/dipc_peer.h"
#include "grader/dipc/running_dipc.h"
#include "grader/harness/check.h"
#include "grader/harness/quote.h"

namespace kit::dipc_lab {
namespace {

using Pieces = std::vector<std::string>;

constexpr int kTries = 8;

std::int64_t ms_since(std::int64_t begin_ns) { return (monotonic_ns() - begin_ns) / 1'000'000; }

struct Sent {
  // The longest time between two pieces as the server could see it: from before the one to after
  // the other.
  std::int64_t longest_ms = 0;
  std::string early;  // what was answered before the last piece
};

// Sends the pieces with such a pause between them: the silence is what is tested.
Sent send_pieces(DipcPeer& peer, const Pieces& pieces, int pause_ms) {
  Sent sent;
  std::int64_t before_ns = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i > 0) sent.early += peer.tcp().read_for_ms(pause_ms);
    const std::int64_t now_ns = monotonic_ns();
    peer.send(pieces[i]);
    if (i > 0) sent.longest_ms = std::max(sent.longest_ms, ms_since(before_ns));
    before_ns = now_ns;
  }
  return sent;
}

void require_silence(const Sent& sent) {
  if (sent.early.empty()) return;
  fail("no answer before the whole datagram has come", "already came " + in_quotes(sent.early));
}

Pieces bytes_of(std::string_view text) {
  Pieces pieces;
  for (const char c : text) pieces.emplace_back(1, c);
  return pieces;
}

KIT_CHECK(Exact, TakesAnySplit,
          .why =
              "TCP carries a stream. One send may arrive in ten pieces, and with a pause between "
              "any two of them.",
          .hint =
              "What one recv(2) gives is no datagram. Keep what is not whole, and wait for the "
              "rest: an exact write ends with its last byte, and with nothing else.",
          .function = "dipc::Connection::run") {
  constexpr int kPauseMs = 40;
  RunningDipc dipc({}, {"--pause-ms", std::to_string(kPauseMs)});
  const std::string data("r 0\nhi\0\n\xff...", 12);
  const std::string whole = exact_write(1, data) + "r 1\n";
  const auto require_answers = [&](DipcPeer& peer, const std::string& how) {
    peer.require_next("a write that came " + how, "ok 0");
    peer.require_next("`r 1`", holding(data));
  };
  DipcPeer ann = dipc.client();
  ann.send(whole);
  require_answers(ann, "in one piece");
  ann.tcp().send_bytewise(whole, deadline());
  require_answers(ann, "byte by byte");
  did("on connection 1, the data comes with a pause of 5 times --pause-ms in its middle");
  require_silence(send_pieces(ann, {whole.substr(0, 9), whole.substr(9)}, 5 * kPauseMs));
  require_answers(ann, "with a long pause in it");
  require_silence(send_pieces(ann, {whole.substr(0, 7), whole.substr(7)}, 5 * kPauseMs));
  require_answers(ann, "with a long pause behind its first line");
}

KIT_CHECK(Exact, MayBePipelined,
          .why = "A client need not wait for an answer before it sends the next datagram.",
          .hint =
              "What stands behind a datagram in the same recv(2) is the next one. Answers come "
              "in the order of the requests.",
          .function = "dipc::Connection::run") {
  constexpr int kWrites = 40;
  RunningDipc dipc;
  std::string requests;
  for (int i = 0; i < kWrites; ++i) {
    requests +=
        exact_write(i % 4, "number " + std::to_string(i)) + "r " + std::to_string(i % 4) + "\n";
  }
  const auto require_answers = [&](DipcPeer& peer) {
    for (int i = 0; i < kWrites; ++i) {
      peer.require_next("write " + std::to_string(i), "ok 0");
      peer.require_next("read " + std::to_string(i), holding("number " + std::to_string(i)));
    }
  };
  DipcPeer ann = dipc.quiet_client();
  did("40 writes and 40 reads in one send");
  ann.send(requests);
  require_answers(ann);
  did("the same byte by byte");
  ann.tcp().send_bytewise(requests, deadline());
  require_answers(ann);
}

KIT_CHECK(Exact, SkipsTheDataOfWhatIsRefused,
          .why =
              "The data of a write that was refused comes all the same. Taken for commands, it "
              "would be carried out.",
          .hint =
              "The length says how much is to be skipped, whatever it looks like: before and "
              "after the answer.",
          .function = "dipc::Connection::run") {
  RunningDipc dipc;
  DipcPeer ann = dipc.client();
  ann.require_write(0, "before");
  const std::string nasty = "w 0 4\noops";
  ann.send(exact_write(9, nasty) + "r 0\n");
  ann.require_next("a write to mailbox 9", "err no-such-mailbox");
  ann.require_next("`r 0`", "ok 6: before");
  std::string large;
  while (large.size() < 3000) large += nasty;
  did("then a write of " + std::to_string(large.size()) + " bytes that are `w 0 4`, over and over");
  DipcPeer bob = dipc.quiet_client();
  for (const bool is_bytewise : {false, true}) {
    const std::string request = exact_write(0, large) + "r 0\n";
    if (is_bytewise) {
      bob.tcp().send_bytewise(request, deadline());
    } else {
      bob.send(request);
    }
    bob.require_next("a write that is too big", "err too-big");
    bob.require_next("`r 0` behind it", "ok 6: before");
  }
}

KIT_CHECK(Exact, StoresNothingOfAHalf,
          .why = "A client that was killed in the middle must not leave half of what it meant.",
          .hint =
              "Store when the last byte has come, and not before. The end of the stream in the "
              "middle of an exact write is `err bad-request`.",
          .function = "dipc::Connection::run") {
  RunningDipc dipc;
  DipcPeer ann = dipc.client();
  ann.require_write(0, "before");
  DipcPeer half = dipc.client();
  half.send("w 0 10\n12345");
  did("connection 2 ends its sending");
  half.tcp().half_close();
  half.require_next("half a write", "err bad-request");
  half.require_end("after that");
  ann.require_read(0, "before");
  DipcPeer broken = dipc.client();
  broken.send("w 0 10\n123456789");
  broken.tcp().reset();
  did("connection 3 breaks off");
  ann.require_read(0, "before");
  ann.require_write(0, "after");
  ann.require_read(0, "after");
}

KIT_CHECK(Open, EndsWithAPause,
          .why =
              "A person at telnet types `w 0`, a text, and then waits: the pause is the end of "
              "the text.",
          .hint =
              "While DatagramParser waits for a pause, receive with a deadline of --pause-ms, and "
              "tell it when nothing came. A new deadline for each recv(2).",
          .function = "dipc::Connection::run") {
  constexpr int kPauseMs = 150;
  RunningDipc dipc({}, {"--pause-ms", std::to_string(kPauseMs)});
  DipcPeer ann = dipc.client();
  const std::int64_t begin_ns = monotonic_ns();
  ann.send("w 0\nhello\nworld\n");
  ann.require_next("an open write", "ok 0");
  const std::int64_t passed_ms = ms_since(begin_ns);
  require(passed_ms >= kPauseMs * 3 / 4,
          "an open write ends " + std::to_string(kPauseMs) + " ms after its last byte",
          "it was answered after " + varies(std::to_string(passed_ms)) + " ms");
  ann.require_read(0, "hello\nworld\n");
}

KIT_CHECK(
    Open, IsNotTornByAShortPause,
    .why =
        "The bytes of one write may come in several pieces, with a little time between them, and "
        "are still one write.",
    .hint =
        "The pause is counted from the last byte that came, and it is --pause-ms long. One recv(2) "
        "is no datagram.",
    .function = "dipc::Connection::run") {
  constexpr int kPauseMs = 400;
  RunningDipc dipc({}, {"--pause-ms", std::to_string(kPauseMs)});
  did("open writes in pieces, with pauses of a tenth of --pause-ms between them");
  for (const Pieces& pieces :
       {Pieces{"w 1\n", "one, ", "two, ", "three"}, bytes_of("w 1\nhello")}) {
    const int pause_ms = pieces.size() < 6 ? kPauseMs / 10 : kPauseMs / 60;
    std::string data;
    for (const std::string& piece : pieces) data += piece;
    data = data.substr(4);
    DipcPeer ann = dipc.quiet_client();
    Sent sent = send_pieces(ann, pieces, pause_ms);
    // A machine that stood still has made a long pause of a short one: that says nothing.
    for (int tries = 1; sent.longest_ms >= kPauseMs * 9 / 10; ++tries) {
      if (tries == kTries) fail_not_gradable("this machine is too busy for pauses of 40 ms");
      ann = dipc.quiet_client();
      sent = send_pieces(ann, pieces, pause_ms);
    }
    require_silence(sent);
    ann.require_next("an open write in " + std::to_string(pieces.size()) + " pieces", "ok 0");
    ann.require_read(1, data);
  }
}

KIT_CHECK(Open, IsEndedByALongPause,
          .why = "What comes after the pause is the next datagram, and not more data.",
          .hint =
              "When --pause-ms have passed without a byte, the write is carried out and answered; "
              "what comes then begins with a first line.",
          .function = "dipc::Connection::run") {
  constexpr int kPauseMs = 50;
  RunningDipc dipc({}, {"--pause-ms", std::to_string(kPauseMs)});
  DipcPeer ann = dipc.client();
  ann.send("w 0\nfirst");
  ann.require_next("an open write", "ok 0");
  did("then, 5 times --pause-ms after the text, came `r 0`");
  const std::string early = ann.tcp().read_for_ms(4 * kPauseMs);
  require(early.empty(), "one answer to one write", "a second one came: " + in_quotes(early));
  ann.send("r 0\n");
  ann.require_next("`r 0`", "ok 5: first");
}

KIT_CHECK(Open, WaitsForItsFirstByte,
          .why =
              "A person needs a moment between the line `w 0` and the text. The pause that ends a "
              "text begins with the text.",
          .hint =
              "Until the first byte of data has come, it is --data-timeout-ms that counts, not "
              "--pause-ms.",
          .function = "dipc::Connection::run") {
  constexpr int kPauseMs = 40;
  RunningDipc dipc({}, {"--pause-ms", std::to_string(kPauseMs)});
  DipcPeer ann = dipc.client();
  did("`w 0`, then nothing for 5 times --pause-ms, then the text");
  require_silence(send_pieces(ann, {"w 0\n", "late"}, 5 * kPauseMs));
  ann.require_next("an open write", "ok 0");
  ann.require_read(0, "late");
}

KIT_CHECK(Open, EndsWithTheStream,
          .why =
              "`printf 'w 0\\nhello' | nc` ends its sending: that is the end of the text, too, and "
              "the writer still reads its answer.",
          .hint =
              "At the end of the stream, tell the parser (on_end), and carry out what it then has, "
              "before the connection ends.",
          .function = "dipc::Connection::run") {
  RunningDipc dipc({}, {"--pause-ms", "3600000"});
  DipcPeer ann = dipc.client();
  ann.send("w 0\nhello\n");
  did("connection 1 ends its sending");
  ann.tcp().half_close();
  ann.require_next("an open write", "ok 0");
  ann.require_end("after that");
  DipcPeer bob = dipc.client();
  bob.require_read(0, "hello\n");
  DipcPeer none = dipc.client();
  none.send("w 0\n");
  did("connection 3 ends its sending");
  none.tcp().half_close();
  none.require_next("an open write without data", "err bad-request");
  bob.require_read(0, "hello\n");
}

KIT_CHECK(Open, TakesCommandsForData,
          .why =
              "Until the pause, all that comes is data. This is what an exact write is for: here "
              "nobody can tell a text from a command.",
          .hint = "Give the parser all that came; it does not look for commands in data.",
          .function = "dipc::Connection::run") {
  RunningDipc dipc({}, {"--pause-ms", "50"});
  DipcPeer ann = dipc.client();
  ann.send("w 0\ntext\nr 0\nq\n");
  ann.require_next("an open write", "ok 0");
  ann.require_read(0, "text\nr 0\nq\n");
}

KIT_CHECK(Open, IsNoLargerThanAPacket,
          .why = "Without a length, only the packet size keeps a text from filling the memory.",
          .hint =
              "More than the packet size is too-big: nothing is stored, and what still comes until "
              "the pause is skipped. The answer comes when the text ends.",
          .function = "dipc::Connection::run") {
  constexpr std::size_t kPacket = 2048;
  RunningDipc dipc({1, 4, 2}, {"--pause-ms", "60"});
  DipcPeer ann = dipc.client();
  const std::string full = long_text(kPacket);
  ann.send("w 0\n" + full);
  ann.require_next("an open write of 2048 bytes", "ok 0");
  ann.require_read(0, full);
  ann.send("w 0\n" + full + "x");
  ann.require_next("an open write of 2049 bytes", "err too-big");
  ann.require_read(0, full);
}

KIT_CHECK(Open, WaitsNotForEver,
          .why = "`w 0` and then nothing would keep a thread for as long as the client likes.",
          .hint =
              "While DatagramParser waits for data (Wait::kData), receive with a deadline of "
              "--data-timeout-ms, and tell it when that has passed.",
          .function = "dipc::Connection::run") {
  constexpr int kTimeoutMs = 200;
  RunningDipc dipc({}, {"--pause-ms", "20", "--data-timeout-ms", std::to_string(kTimeoutMs)});
  DipcPeer ann = dipc.client();
  ann.require_write(0, "before");
  for (const char* line : {"w 0\n", "w 0 5\n"}) {
    const std::int64_t begin_ns = monotonic_ns();
    ann.send(line);
    ann.require_next("a write without data", "err bad-request");
    const std::int64_t passed_ms = ms_since(begin_ns);
    require(passed_ms >= kTimeoutMs * 3 / 4,
            "`err bad-request` after " + std::to_string(kTimeoutMs) + " ms",
            "it came after " + varies(std::to_string(passed_ms)) + " ms");
    if (std::string_view(line) == "w 0\n") ann.require_read(0, "before");
  }
  dipc.client().require_read(0, "before");
}

KIT_CHECK(Lines, EndWithAPause,
          .why =
              "The seed's own client sends what was typed as it is, without a newline, and waits "
              "for the answer.",
          .hint =
              "A whole command without its newline is ended by a pause of --pause-ms "
              "(Wait::kPause, on_pause).",
          .function = "dipc::Connection::run") {
  RunningDipc dipc({}, {"--pause-ms", "40"});
  dipc.client().require_write(1, "hello");
  DipcPeer ann = dipc.client();
  ann.send("r 1");
  ann.require_next("`r 1` without a newline", "ok 5: hello");
  ann.send("r 9");
  ann.require_next("`r 9` without a newline", "err no-such-mailbox");
  ann.send("q 0");
  ann.require_end("after `q 0` without a newline");
}

KIT_CHECK(Lines, MayPauseInTheMiddle,
          .why = "A person who types `r` and thinks has not sent a request yet.",
          .hint =
              "Only a line that is a whole command may be ended by a pause. A part of one waits "
              "for the rest as long as it takes.",
          .function = "dipc::Connection::run") {
  RunningDipc dipc({}, {"--pause-ms", "30"});
  DipcPeer ann = dipc.client();
  did("`r` and a space, a pause of 5 times --pause-ms, then `0` and a newline");
  require_silence(send_pieces(ann, {"r ", "0\n"}, 150));
  ann.require_next("`r 0` in two pieces", "ok 0");
}

}  // namespace
}  // namespace kit::dipc_lab
