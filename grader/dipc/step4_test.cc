// Step 4, the server: mailboxes as one client sees them.
#include <signal.h>

#include <string>

#include "grader/dipc/dipc_peer.h"
#include "grader/dipc/running_dipc.h"
#include "grader/harness/check.h"

namespace kit::dipc_lab {
namespace {

constexpr std::size_t kKbyte = 1024;

KIT_CHECK(Server, ListensAndAnswers,
          .why = "A client, and the checks below, need a server that is there and answers.",
          .hint =
              "Bind the port, make the mailboxes, then print `listening on <port>` with the port "
              "that was bound, and flush. Each connection gets a thread with a Connection.",
          .function = "dipc::Server::serve") {
  RunningDipc dipc;
  dipc.client().require_answer("r 0", "ok 0");
}

KIT_CHECK(Mailboxes, KeepWhatWasWritten,
          .why = "A mailbox holds what was written to it last, whoever reads it, to the byte.",
          .hint =
              "Data may hold any byte, a NUL and a newline too, and it replaces all that was "
              "there: the new length counts, not the old one.",
          .function = "dipc::Mailboxes::write") {
  RunningDipc dipc;
  DipcPeer ann = dipc.client();
  for (const std::string& data : {std::string("hello"), std::string("a\0b\r\n\xff\nr 0\n", 11),
                                  std::string("hi"), std::string(), std::string("\n")}) {
    ann.require_write(1, data);
    ann.require_read(1, data);
  }
}

KIT_CHECK(Mailboxes, OutliveTheirClients,
          .why = "Clients talk to each other by what they leave in the mailboxes.",
          .hint = "The mailboxes belong to the server, and not to a connection.",
          .function = "dipc::Connection::run") {
  RunningDipc dipc;
  DipcPeer ann = dipc.client();
  ann.require_write(2, "from ann");
  ann.tcp().close();
  dipc.client().require_read(2, "from ann");
}

KIT_CHECK(Mailboxes, AreApart,
          .why = "What is written to one mailbox must not show in another one.",
          .hint =
              "Where does mailbox i begin? Fill each to its end: what lies behind the end of one "
              "is its neighbour, and the neighbour's lock.",
          .function = "dipc::Mailboxes::write") {
  RunningDipc dipc;
  DipcPeer ann = dipc.client();
  const auto content = [](int mailbox) {
    return std::string(kKbyte, static_cast<char>('a' + mailbox));
  };
  for (int mailbox = 0; mailbox < 4; ++mailbox) ann.require_write(mailbox, content(mailbox));
  ann.require_write(1, "short");
  for (const int mailbox : {0, 2, 3}) ann.require_read(mailbox, content(mailbox));
  ann.require_read(1, "short");
}

KIT_CHECK(
    Mailboxes, CountFromZero,
    .why =
        "Of four mailboxes the last is number 3. One off, and either a mailbox cannot be "
        "used, or memory is that belongs to nobody.",
    .hint = "k mailboxes have the numbers 0 to k-1. A number may be larger than 64 bits hold.",
    .function = "dipc::Mailboxes::read") {
  RunningDipc dipc;
  DipcPeer ann = dipc.client();
  ann.require_write(0, "first");
  ann.require_write(3, "last");
  ann.require_read(3, "last");
  ann.require_answer("r 4", "err no-such-mailbox");
  ann.send(exact_write(4, "none"));
  ann.require_next("a write to mailbox 4", "err no-such-mailbox");
  for (const char* number : {"5", "4294967296", "18446744073709551615", "99999999999999999999"}) {
    ann.require_answer(std::string("r ") + number, "err no-such-mailbox");
  }
  ann.require_read(0, "first");
}

KIT_CHECK(Mailboxes, HoldExactlyTheirSize,
          .why = "A kbyte is 1024 bytes, and a mailbox of one takes them all, and not one more.",
          .hint =
              "Compare before you copy, and before you change anything: what is refused leaves "
              "the mailbox as it was. The status line does not count.",
          .function = "dipc::Mailboxes::write") {
  // Nobody else is there, so a lock that is not had is one that was kept.
  RunningDipc dipc({2, 1, 3}, {"--lock-timeout-ms", "1000"});
  DipcPeer ann = dipc.client();
  const std::string full = long_text(kKbyte);
  ann.require_write(0, full);
  ann.require_read(0, full);
  ann.require_write(1, "neighbour");
  for (const std::size_t size : {kKbyte + 1, 3 * kKbyte}) {
    ann.send(exact_write(0, long_text(size)));
    ann.require_next("a write of " + std::to_string(size) + " bytes", "err too-big");
    ann.require_read(0, full);
  }
  ann.require_read(1, "neighbour");
}

KIT_CHECK(Packets, HoldExactlyTheirSize,
          .why =
              "The packet size bounds what one client can make the server keep in memory, however "
              "large the mailboxes are.",
          .hint =
              "The size of a packet counts data only, and may be smaller than a mailbox: both "
              "limits hold. What is too big is skipped, and the next line is read as usual.",
          .function = "dipc::Connection::run") {
  RunningDipc dipc({2, 8, 2});
  DipcPeer ann = dipc.client();
  const std::string full = long_text(2 * kKbyte);
  ann.require_write(0, full);
  ann.require_read(0, full);
  ann.send(exact_write(0, long_text(2 * kKbyte + 1)));
  ann.require_next("a write of 2049 bytes", "err too-big");
  ann.require_read(0, full);
}

KIT_CHECK(Mailboxes, MayBeLarge,
          .why = "A mailbox of a megabyte is read and written like one of ten bytes.",
          .hint =
              "send(2) may take fewer bytes than it was given, and recv(2) gives what is there: "
              "both belong in a loop.",
          .function = "dipc::Connection::run") {
  constexpr std::size_t kBytes = 2048 * kKbyte;
  RunningDipc dipc({1, 2048, 2048});
  DipcPeer ann = dipc.quiet_client();
  did("a client writes 2 MiB to mailbox 0 and reads them");
  const std::string text = long_text(kBytes);
  ann.require_write(0, text);
  ann.require_read(0, text);
}

KIT_CHECK(Server, QuitsOneConnection,
          .why = "`q` says goodbye for one client. The others, and the server, go on.",
          .hint =
              "Answer what came before, then end the connection so that the client sees its end "
              "and not a reset. A number behind q means nothing.",
          .function = "dipc::Connection::run") {
  RunningDipc dipc;
  DipcPeer bob = dipc.client();
  DipcPeer ann = dipc.client();
  ann.send("w 0 2\nhir 0\nq\nr 0\n");
  ann.require_next("a write", "ok 0");
  ann.require_next("`r 0`", "ok 2: hi");
  ann.require_end("after q");
  DipcPeer cid = dipc.client();
  cid.send("q 7\n");
  cid.require_end("after `q 7`");
  bob.require_read(0, "hi");
}

KIT_CHECK(Server, EndsWithoutAReset,
          .why =
              "A socket that is closed with unread bytes in it sends a reset, and the reset may "
              "destroy replies that the client has not read yet (RFC 2525, 2.17).",
          .hint =
              "End the writing first, then read and throw away until the client closes its side, "
              "for a moment at most: Stream::linger().",
          .function = "dipc::Connection::run") {
  RunningDipc dipc;
  DipcPeer ann = dipc.client();
  did("dipc is held up (SIGSTOP) until all of this has been sent");
  dipc.process().signal(SIGSTOP);
  ann.send("r 0\nq\n" + long_text(200'000));
  dipc.process().signal(SIGCONT);
  ann.require_next("`r 0`", "ok 0");
  ann.require_end("after q");
}

KIT_CHECK(Server, AnswersAfterAHalfClose,
          .why =
              "`printf 'r 0\\n' | nc` ends its sending and waits: the answers must still come, "
              "and then the end.",
          .hint =
              "The end of the client's stream ends the reading only. What came before it is "
              "answered first.",
          .function = "dipc::Connection::run") {
  RunningDipc dipc;
  dipc.client().require_write(0, "hello");
  DipcPeer ann = dipc.client();
  ann.send("r 0\nr 1\n");
  ann.tcp().half_close();
  did("connection 2 ends its sending");
  ann.require_next("`r 0`", "ok 5: hello");
  ann.require_next("`r 1`", "ok 0");
  ann.require_end("when the client has ended its sending");
}

KIT_CHECK(Lines, RefuseWhatIsNoCommand,
          .why = "A typing error gets an answer, and the connection goes on with the next line.",
          .hint = "DatagramParser gives a Bad for it: answer it like any other request.",
          .function = "dipc::Connection::run") {
  RunningDipc dipc;
  DipcPeer ann = dipc.client();
  for (const char* line : {"", "x", "read 0", "r", "r one", "r -1", "w", "R 0", "w 0 5 6"}) {
    ann.require_answer(line, "err bad-request");
  }
  ann.require_answer("r 0", "ok 0");
}

KIT_CHECK(Lines, DropACarriageReturn, .why = "telnet ends its lines with \\r\\n.",
          .hint = "One '\\r' before the newline of a first line does not count. In data it does.",
          .function = "dipc::Connection::run") {
  RunningDipc dipc;
  DipcPeer ann = dipc.client();
  ann.send("w 0 6\r\nline\r\nr 0\r\n");
  ann.require_next("a write", "ok 0");
  ann.require_next("`r 0\\r`", "ok 6: line\r\n");
  ann.require_answer("r 4\r", "err no-such-mailbox");
}

}  // namespace
}  // namespace kit::dipc_lab
