// Step 3: the parser of datagrams, fed by hand, and the replies.
#include <string>
#include <vector>

#include "grader/dipc/datagram_model.h"
#include "grader/harness/check.h"
#include "grader/harness/probe_run.h"
#include "grader/harness/rounds.h"

namespace kit::dipc_lab {
namespace {

constexpr char kProbe[] = "datagram_probe";
constexpr char kPacket[] = "100";  // packet_bytes in most checks
constexpr char kNext[] = "dipc::DatagramParser::next";

Call bytes(const std::string& data) { return {"bytes", {data}}; }
const Call kPause = {"pause", {}};
const Call kEnd = {"end", {}};
const Call kDataTimeout = {"data_timeout", {}};
const Call kWaits = {"waits", {}};
std::string text_of(std::size_t length) { return std::string(length, 'x'); }

KIT_CHECK(Datagram, ReadsEachCommand, .why = "Everything else stands on this.",
          .hint = "Find the newline, take the words in front of it, and look at the first one.",
          .function = kNext) {
  require_results(kProbe, {kPacket},
                  {{bytes("r 1\n"), "read 1"},
                   {bytes("r 0\n"), "read 0"},
                   {bytes("w 2 5\nhello"), "write 2(hello)"},
                   {bytes("w 0 0\n"), "write 0()"},
                   {bytes("w 3\n"), "(nothing)"},
                   {bytes("hello"), "(nothing)"},
                   {kPause, "write 3(hello)"},
                   {bytes("x 1\n"), "bad-request"},
                   {bytes("q\n"), "quit"},
                   {bytes("r 1\n"), "(nothing)"}});
  forget_did();
  require_results(kProbe, {kPacket}, {{bytes("q 17\n"), "quit"}});
}

KIT_CHECK(Datagram, DropsACarriageReturn, .why = "telnet ends its lines with \\r\\n.",
          .hint =
              "One \\r directly before the newline of a first line goes. In data it is a byte like "
              "any other.",
          .function = kNext) {
  require_results(kProbe, {kPacket},
                  {{bytes("r 1\r\n"), "read 1"},
                   {bytes("w 2 3\r\n\r\nx"), "write 2(\r\nx)"},
                   {bytes("w 2\r\n"), "(nothing)"},
                   {bytes("hi\r\n"), "(nothing)"},
                   {kPause, "write 2(hi\r\n)"},
                   {bytes("q\r\n"), "quit"}});
}

KIT_CHECK(Datagram, TakesAnyBytes,
          .why = "A mailbox holds bytes: a picture, a NUL, and text that looks like a command.",
          .hint =
              "The data of an exact write is as long as its line says, whatever is in it. A C "
              "string ends at the first NUL.",
          .function = kNext) {
  const std::string odd("\0r 1\n\r\n\xff\0", 9);
  require_results(kProbe, {kPacket},
                  {{bytes("w 1 9\n" + odd + "r 2\n"), "write 1(" + odd + "); read 2"},
                   {bytes("w 1\n" + odd), "(nothing)"},
                   {kPause, "write 1(" + odd + ")"},
                   {bytes(std::string("r 1\0\n", 5)), "bad-request"},
                   {bytes(std::string("\0\n", 2)), "bad-request"},
                   {bytes("w 1\nr 2\n"), "(nothing)"},
                   {bytes("q\n"), "(nothing)"},
                   {kPause, "write 1(r 2\nq\n)"}});
}

KIT_CHECK(Datagram, ReadsWhatComesTogether,
          .why =
              "A client need not wait for an answer: one recv() may bring many requests, and the "
              "beginning of another.",
          .hint =
              "next() is called until it has nothing more; what is behind a request stays for the "
              "next call.",
          .function = kNext) {
  std::string stream;
  std::string expected;
  for (int i = 0; i < 50; ++i) {
    const std::string n = std::to_string(i);
    stream += "r " + n + "\nw " + n + " " + std::to_string(n.size()) + "\n" + n;
    expected += (i == 0 ? "read " : "; read ") + n + "; write " + n + "(" + n + ")";
  }
  require_results(kProbe, {kPacket},
                  {{bytes(stream + "r 5"), expected}, {bytes("1\n"), "read 51"}});
}

KIT_CHECK(
    Datagram, TakesAnySplit,
    .why =
        "TCP cuts the stream where it likes: a recv() may end in the middle of a word, a number or "
        "the data.",
    .hint = "Keep what has come until a whole request is there, and nothing but that decides.",
    .function = kNext) {
  const std::string stream = "r 1\r\nw 2 7\na\nb\r\ncdr 12\nw 3 150\n" + text_of(150) + "howdy\n" +
                             text_of(300) + "\nw 4 100\n" + text_of(100) + "w 5 0\nr 7\nq\n";
  const std::string expected =
      "read 1; write 2(a\nb\r\ncd); read 12; too-big; bad-request; bad-request; write 4(" +
      text_of(100) + "); write 5(); read 7; quit";
  for (const char* how : {"each", "space"}) {
    for (const char* piece : {"1", "2", "3", "5", "7", "11", "64", "10000"}) {
      forget_did();
      require_results(kProbe, {kPacket}, {{{how, {stream, piece}}, expected}});
    }
  }
}

KIT_CHECK(Datagram, EndsOpenDataAtAPause,
          .why = "A person at telnet sends no length: only the pause tells that it is all.",
          .hint =
              "After `w <mailbox>` every byte is data until on_pause() or on_end(), in as many "
              "pieces as it comes. Then a new line begins.",
          .function = kNext) {
  require_results(kProbe, {kPacket},
                  {{bytes("w 1\n"), "(nothing)"},
                   {bytes("one"), "(nothing)"},
                   {bytes("two\n"), "(nothing)"},
                   {kPause, "write 1(onetwo\n)"},
                   {bytes("r 2\n"), "read 2"},
                   {bytes("w 3\nat once"), "(nothing)"},
                   {kPause, "write 3(at once)"},
                   {bytes("w 4\nlast"), "(nothing)"},
                   {kEnd, "write 4(last)"}});
}

KIT_CHECK(Datagram, EndsALineAtAPause,
          .why =
              "The simple client of the old days sends its command without a newline, and waits "
              "for the answer.",
          .hint =
              "At a pause, what has come of a line is looked at: if it is a whole command, it "
              "counts. If not, it may still become one.",
          .function = kNext) {
  require_results(kProbe, {kPacket},
                  {{bytes("r 1"), "(nothing)"},
                   {kPause, "read 1"},
                   {bytes("w 2"), "(nothing)"},
                   {kPause, "(nothing)"},
                   {bytes("data"), "(nothing)"},
                   {kPause, "write 2(data)"},
                   {bytes("w 3 4"), "(nothing)"},
                   {kPause, "(nothing)"},
                   {bytes("datar 5\n"), "write 3(data); read 5"},
                   {bytes("q"), "(nothing)"},
                   {kPause, "quit"}});
}

KIT_CHECK(Datagram, SaysWhatItWaitsFor,
          .why =
              "Only the parser knows whether a pause means something: the server asks it how long "
              "to wait.",
          .hint =
              "kPause when a pause would end something that has begun: a whole line, open data. "
              "kData when data is due. Else kBytes.",
          .function = "dipc::DatagramParser::waits_for") {
  require_results(kProbe, {kPacket},
                  {{kWaits, "bytes"},
                   {bytes("r"), "(nothing)"},
                   {kWaits, "bytes"},
                   {bytes(" 1"), "(nothing)"},
                   {kWaits, "pause"},
                   {bytes("\n"), "read 1"},
                   {kWaits, "bytes"},
                   {bytes("w 1\n"), "(nothing)"},
                   {kWaits, "data"},
                   {bytes("x"), "(nothing)"},
                   {kWaits, "pause"},
                   {kPause, "write 1(x)"},
                   {kWaits, "bytes"},
                   {bytes("w 1 3\n"), "(nothing)"},
                   {kWaits, "data"},
                   {bytes("ab"), "(nothing)"},
                   {kWaits, "data"},
                   {bytes("c"), "write 1(abc)"},
                   {bytes("w 1\n" + text_of(200)), "(nothing)"},
                   {kWaits, "pause"}});
}

KIT_CHECK(Datagram, RefusesBadLines,
          .why =
              "What comes from the network is anything at all. A number that is too large must not "
              "turn into a small one.",
          .hint =
              "Only digits, all of them; what does not fit into 64 bits counts as the largest "
              "number that does. atoi() and stoi() do neither.",
          .function = kNext) {
  std::vector<Expected> expected;
  for (const char* line :
       {"",       "r",     "w",     "r x",   "r -1",           "r +1",   "r 1x",    "r 0x1",
        "r 1.0",  "r 1 2", "w x 3", "w 1 x", "w 1 -5",         "w 1 5x", "w 1 2 3", "R 1",
        "read 1", "rr 1",  "r1",    "r\t1",  "GET / HTTP/1.1", "Q"}) {
    expected.push_back({bytes(std::string(line) + "\n"), "bad-request"});
  }
  expected.push_back({bytes("r 18446744073709551615\n"), "read 18446744073709551615"});
  expected.push_back({bytes("r 18446744073709551616\n"), "read 18446744073709551615"});
  expected.push_back({bytes("r 4294967296\n"), "read 4294967296"});
  expected.push_back({bytes("r 99999999999999999999999999999999\n"), "read 18446744073709551615"});
  expected.push_back({bytes("r 007\n"), "read 7"});
  expected.push_back({bytes("w 1 18446744073709551617\nx"), "too-big"});
  require_results(kProbe, {kPacket}, expected);
}

KIT_CHECK(
    Datagram, TakesLinesOfExactlyTheMaximum,
    .why =
        "A limit that is off by one refuses what is allowed, or keeps more than there is room for.",
    .hint =
        "kMaxLineBytes counts neither the newline nor the \\r before it. What is longer is one bad "
        "request, up to its newline.",
    .function = kNext) {
  const auto line = [](std::size_t length) { return "r " + std::string(length - 3, '0') + "7"; };
  require_results(kProbe, {kPacket},
                  {{bytes(line(128) + "\n"), "read 7"},
                   {bytes(line(128) + "\r\n"), "read 7"},
                   {bytes(line(129) + "\n"), "bad-request"},
                   {bytes(line(129) + "\r\n"), "bad-request"},
                   {{"each", {line(128) + "\r\n", "1"}}, "read 7"},
                   {{"each", {line(129) + "\n", "1"}}, "bad-request"},
                   {{"each", {line(1000) + "\nr 8\n", "1"}}, "bad-request; read 8"}});
}

KIT_CHECK(Datagram, TakesPacketsOfExactlyTheMaximum,
          .why = "A limit that is off by one loses somebody's data, or writes behind the mailbox.",
          .hint =
              "Exactly packet_bytes are allowed, in both framings. What is too big is refused and "
              "skipped, and the next line read as usual.",
          .function = kNext) {
  require_results(kProbe, {kPacket},
                  {{bytes("w 1 100\n" + text_of(100)), "write 1(" + text_of(100) + ")"},
                   {bytes("w 1 101\n" + text_of(101) + "r 2\n"), "too-big; read 2"},
                   {bytes("w 1\n" + text_of(100)), "(nothing)"},
                   {kPause, "write 1(" + text_of(100) + ")"},
                   {bytes("w 1\n" + text_of(101)), "(nothing)"},
                   {bytes("r 2\n"), "(nothing)"},
                   {kPause, "too-big"},
                   {bytes("r 3\n"), "read 3"}});
}

KIT_CHECK(
    Datagram, SkipsTheDataOfWhatItRefuses,
    .why = "The data of a refused write is no request, whatever it looks like.",
    .hint =
        "Count down what is left to skip, over as many pieces as it takes, and go on behind it.",
    .function = kNext) {
  std::string data;
  while (data.size() < 200) data += "q\nr 1\n";
  require_results(
      kProbe, {kPacket},
      {{bytes("w 1 " + std::to_string(data.size()) + "\n" + data + "r 2\n"), "too-big; read 2"},
       {bytes("w 1 200\n" + data.substr(0, 50)), "too-big"},
       {bytes(data.substr(0, 149)), "(nothing)"},
       {bytes("xr 3\n"), "read 3"}});
}

// A client that sends the beginning and then nothing: what is its, and what is the next one's?
KIT_CHECK(
    Datagram, ForgetsHalfADatagram,
    .why = "A datagram that never became whole must store nothing, and not spoil the next one.",
    .hint =
        "At the data timeout an exact write is refused, and what is missing of its data is skipped "
        "when it comes after all. At the end of the stream it is refused too.",
    .function = kNext) {
  require_results(kProbe, {kPacket},
                  {{bytes("w 1 10\nhalf"), "(nothing)"},
                   {kDataTimeout, "bad-request"},
                   {bytes("r 1\nxxr 2\n"), "read 2"},
                   {bytes("w 3\n"), "(nothing)"},
                   {kDataTimeout, "bad-request"},
                   {bytes("r 4\n"), "read 4"},
                   {bytes("w 5 3\n"), "(nothing)"},
                   {kDataTimeout, "bad-request"},
                   {bytes("abcr 6\n"), "read 6"},
                   {bytes("w 1 4\ngood"), "write 1(good)"}});
  const std::vector<std::pair<std::string, std::string>> endings = {{"w 1 10\nhalf", "bad-request"},
                                                                    {"w 1\n", "bad-request"},
                                                                    {"w 1", "bad-request"},
                                                                    {"hello", "bad-request"},
                                                                    {"r 1", "read 1"},
                                                                    {"q", "quit"},
                                                                    {"", "(nothing)"},
                                                                    {"w 1\nhalf", "write 1(half)"}};
  for (const auto& [sent, expected] : endings) {
    forget_did();
    std::vector<Expected> calls = {{kEnd, expected}};
    if (!sent.empty()) calls.insert(calls.begin(), {bytes(sent), "(nothing)"});
    require_results(kProbe, {kPacket}, calls);
  }
}

KIT_CHECK(
    Datagram, KeepsNothingOfWhatItSkips,
    .why = "Otherwise a few clients with endless lines or huge packets fill the machine's memory.",
    .hint =
        "What is skipped is dropped as it comes; and what was only announced needs no memory yet.",
    .function = "dipc::DatagramParser::on_bytes") {
  const std::string piece(64 << 10, 'x');
  require_results(kProbe, {kPacket},
                  {{bytes("w 1 8388608\n"), "too-big"},
                   {{"flood", {piece, "120"}}, "0 requests, memory: little"}});
  forget_did();
  require_results(kProbe, {kPacket},
                  {{bytes("w 1\n"), "(nothing)"},
                   {{"flood", {piece, "120"}}, "0 requests, memory: little"},
                   {kPause, "too-big"}});
  forget_did();
  require_results(
      kProbe, {kPacket},
      {{{"flood", {piece, "120"}}, "1 requests, memory: little"}, {bytes("\nr 1\n"), "read 1"}});
  forget_did();
  require_results(kProbe, {"1073741824"},
                  {{bytes("w 1 1073741824\n"), "(nothing)"},
                   {{"flood", {"abc", "1"}}, "0 requests, memory: little"}});
}

KIT_CHECK(Datagram, StaysQuick,
          .why =
              "Who moves all that is left in front after each request, moves the same bytes "
              "thousands of times.",
          .hint =
              "Remember where the unused bytes begin, and move them only when room is needed. Do "
              "not look for the newline again where there was none.",
          .function = kNext) {
  const History history = run_once(kProbe, sequence({kPacket}, {{"hurry", {"r 1\n", "150000"}}}));
  require(history[0].result == "150000 requests, quick",
          "150000 requests that come in one go take hardly longer than one at a time",
          varies(history[0].result));
}

// One part of a stream, which may be cut anywhere.
struct Part {
  std::string bytes;
  std::string event;  // that follows it, or ""
};

// What may be taken for commands when it is not kept apart from them, and a NUL.
std::string random_data(std::mt19937_64& random, std::size_t length) {
  static const std::vector<std::string> kPieces = {
      "q\n", "q9", "\n", "zz\r\n", std::string(1, '\0'), "zz"};
  std::string data;
  while (data.size() < length) data += kPieces[random() % kPieces.size()];
  return data.substr(0, length);
}

std::string random_line(std::mt19937_64& random) {
  const std::string box = std::to_string(random() % 20);
  const std::string end = random() % 3 == 0 ? "\r\n" : "\n";
  switch (random() % 8) {
    case 0:
    case 1:
      return "r " + box + end;
    case 2:
    case 3:
    case 4: {
      const std::size_t length = random() % 40;  // the packet has 30
      return "w " + box + " " + std::to_string(length) + end + random_data(random, length);
    }
    case 5:
      return "w" + end;
    case 6:
      return std::string(100 + random() % 60, 'z') + end;
    default:
      return "r 9999999999999999999999" + end;
  }
}

std::vector<Part> random_parts(std::mt19937_64& random) {
  std::vector<Part> parts;
  for (int i = 0; i < 6; ++i) {
    Part part;
    for (std::size_t n = random() % 4; n > 0; --n) part.bytes += random_line(random);
    const std::string box = std::to_string(random() % 20);
    switch (random() % 5) {
      case 0:
        part.bytes += "w " + box + "\n" + random_data(random, 1 + random() % 40);
        part.event = "pause";
        break;
      case 1:
        part.bytes += "r " + box;
        part.event = "pause";
        break;
      case 2:
        part.bytes += "w " + box + " 25\nhalf";
        part.event = "data_timeout";
        break;
      case 3:
        part.bytes += "w " + box + "\n";
        part.event = "data_timeout";
        break;
      default:
        break;
    }
    parts.push_back(part);
  }
  parts.back().event = "end";
  return parts;
}

std::string happen(DatagramModel& model, const std::string& event) {
  if (event == "pause") return model.pause();
  return event == "end" ? model.end() : model.data_timeout();
}

KIT_CHECK(
    Datagram, ReadsLikeTheModel,
    .why = "Examples cannot show everything; random streams, cut at random, come closer.",
    .hint = "Carry it out on paper: what has come, what of it is used up, and what an event ends.",
    .function = kNext) {
  for (int round = 0; round < 60; ++round) {
    DatagramModel model(30);
    std::vector<Expected> expected;
    for (const Part& part : random_parts(random())) {
      const std::string cut = std::to_string(random()() % 1000);
      if (!part.bytes.empty())
        expected.push_back({{"cut", {part.bytes, cut}}, model.bytes(part.bytes)});
      if (!part.event.empty()) expected.push_back({{part.event, {}}, happen(model, part.event)});
    }
    forget_did();
    require_results(kProbe, {"30"}, expected);
  }
}

KIT_CHECK(
    Replies, HaveTheirForm,
    .why = "A client reads these byte by byte: one newline too few, and it waits for ever.",
    .hint = "`ok`, one space, the length, one newline; `err`, one space, the reason, one newline.",
    .function = "dipc::format_ok") {
  require_results(kProbe, {kPacket},
                  {{{"ok", {"0"}}, "ok 0\n"}, {{"ok", {"102400"}}, "ok 102400\n"}});
  set_function("dipc::format_error");
  forget_did();
  std::vector<Expected> expected;
  for (const std::string reason : {"bad-request", "no-such-mailbox", "too-big", "timeout"}) {
    expected.push_back({{"error", {reason}}, "err " + reason + "\n"});
  }
  require_results(kProbe, {kPacket}, expected);
}

}  // namespace
}  // namespace kit::dipc_lab
