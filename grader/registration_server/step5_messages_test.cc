// Step 5: messages between clients of the server.
#include <atomic>
#include <string>

#include "grader/harness/check.h"
#include "grader/harness/poll.h"
#include "grader/registration_server/running_server.h"

namespace kit::registration_lab {
namespace {

KIT_CHECK(Messages, KeepTextToTheByte,
          .why = "A message is any bytes but NUL and newline, and 1024 of them at most.",
          .hint = "The length goes with the text: no end mark, no string functions of C.",
          .function = "registration::Service::send") {
  RunningServer server;
  const WireClientPtr ann = registered(server, "ann");
  const WireClientPtr bob = registered(server, "bob");
  std::string every_byte;
  for (int byte = 1; byte < 256; ++byte) {
    if (byte != '\n') every_byte += static_cast<char>(byte);
  }
  for (const std::string& text :
       {std::string("a"), every_byte, std::string(1023, 'b'), std::string(1024, 'c')}) {
    require_ok("the answer to SEND of " + std::to_string(text.size()) + " bytes",
               ann->send(bob->key(), text));
    const Reply reply = bob->ask(Action::kReceive);
    require_ok("the answer to RECEIVE", reply);
    require_same("the message", reply.text, text);
    require(reply.from == ann->key() && reply.from_name == "ann", "a message from ann",
            "a message from " + reply.from_name);
  }
  require_status("the answer to SEND of 1025 bytes",
                 ann->send(bob->key(), std::string(1025, 'd')).status, Status::kTooLong);
  require_status("the answer to RECEIVE after it", bob->ask(Action::kReceive).status,
                 Status::kEmpty);
}

KIT_CHECK(Messages, OfAFullInboxStopNobody,
          .why = "Who does not read must not stop those who write to him.",
          .hint = "Full is an answer. No worker waits for another client.",
          .function = "registration::Inbox::put") {
  RunningServer server;
  const WireClientPtr ann = registered(server, "ann");
  const WireClientPtr bob = registered(server, "bob");
  for (int i = 0; i < 64; ++i)
    require_ok("the answer to SEND", ann->send(bob->key(), "m" + std::to_string(i)));
  for (int i = 0; i < 3; ++i) {
    require_status("the answer to SEND to a full inbox", ann->send(bob->key(), "more").status,
                   Status::kMailboxFull);
  }
  require_ok("the answer to SEND to herself", ann->send(ann->key(), "note"));
  require_equal("what ann receives", render(ann->ask(Action::kReceive)), "ok: note, from ann");
  for (int i = 0; i < 64; ++i) {
    require_equal("what bob receives", render(bob->ask(Action::kReceive)),
                  "ok: m" + std::to_string(i) + ", from ann");
  }
  require_ok("the answer to SEND when there is room again", ann->send(bob->key(), "more"));
}

KIT_CHECK(
    Messages, GoBothWaysAtOnce,
    .why = "A sends to B while B sends to A: two workers, each of which needs the other's inbox.",
    .hint = "No worker holds a lock while it waits for another one.",
    .function = "registration::Service::send") {
  RunningServer server;
  const int count = config().mode == Mode::kPlain ? 400 : 60;
  did("ann sends to bob, and bob to ann, " + std::to_string(count) + " times, and both receive");
  std::atomic<Key> keys[2];
  in_parallel(2, [&](int i) {
    const WireClientPtr me = registered(server, i == 0 ? "ann" : "bob");
    keys[i] = me->key();
    if (!poll_until(deadline(), [&] { return keys[1 - i] != wire::kNoKey; })) return;
    int received = 0;
    for (int sent = 0; sent < count || received < count;) {
      if (sent < count && me->send(keys[1 - i], "m" + std::to_string(sent)).status == Status::kOk)
        ++sent;
      const Reply reply = me->ask(Action::kReceive);
      if (reply.status == Status::kEmpty) continue;
      require_equal("the next message", reply.text, "m" + std::to_string(received));
      ++received;
    }
  });
}

}  // namespace
}  // namespace kit::registration_lab
