// Step 5: the log and the summary.
#include <signal.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/quote.h"
#include "grader/registration_server/instance.h"
#include "grader/registration_server/running_server.h"

namespace kit::registration_lab {
namespace {

// The lines of the log.
std::vector<std::string> log_lines() {
  std::ifstream file(box().folder() + "/server.log");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// Requires each line to have its form, and returns what follows the time in those with these words.
std::vector<std::string> events_with(const std::string& words) {
  static const std::regex form(
      R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z ((INFO|WARNING|ERROR) [a-z-]+( \S+=\S*| [a-z-]+)*))");
  std::vector<std::string> events;
  for (const std::string& line : log_lines()) {
    std::smatch match;
    require(std::regex_match(line, match, form),
            "a line of the log: the time, the level, the event, and word=value",
            in_quotes(shortened(line)));
    if (line.find(words) != std::string::npos) events.push_back(match[1]);
  }
  return events;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

KIT_CHECK(Log, HasALineForEachEvent,
          .why = "When something went wrong last night, the log is all there is to look at.",
          .hint = "What came, what was answered, what was made and removed: one line each.",
          .function = "registration::Log::write") {
  RunningServer server({"--log", "server.log"});
  const WireClientPtr ann = registered(server, "ann");
  const WireClientPtr bob = registered(server, "bob");
  require_status("the answer to REGISTER of ann",
                 WireClient(server.instance(), deadline()).enroll("ann"), Status::kNameTaken);
  ann->send(bob->key(), "hello");
  ann->send(0x1234, "hello");
  ann->ask(Action::kStats);
  server.require_end(SIGTERM);
  const std::string key = wire::key_text(ann->key());
  note_varying(key);
  note_varying(wire::key_text(bob->key()));
  const std::string who = " client=ann key=" + key;
  require_same("the log's lines with client=ann and request or response",
               joined(events_with("client=ann key=" + key + " action=")),
               "INFO request" + who + " action=SEND to=" + wire::key_text(bob->key()) +
                   " bytes=5\nINFO response" + who + " action=SEND status=ok\nINFO request" + who +
                   " action=SEND to=0000000000001234 bytes=5\nINFO response" + who +
                   " action=SEND status=no-such-client\nINFO request" + who +
                   " action=STATS\nINFO response" + who + " action=STATS status=ok\n");
  require_same(
      "the log's lines with REGISTER name=ann", joined(events_with("REGISTER name=ann")),
      "INFO request action=REGISTER name=ann\nINFO response action=REGISTER name=ann "
      "status=ok key=" +
          key +
          "\nINFO request action=REGISTER name=ann\nINFO response action=REGISTER name=ann "
          "status=name-taken\n");
  for (const auto& [event, count] :
       std::vector<std::pair<std::string, std::size_t>>{{" connect-channel-created ", 1},
                                                        {" comm-channel-created ", 2},
                                                        {" comm-channel-removed ", 2},
                                                        {" server-ends ", 1},
                                                        {" connect-channel-removed ", 1}}) {
    require_equal("how often the log has" + event, std::to_string(events_with(event).size()),
                  std::to_string(count));
  }
}

// With small letters in each \xHH: which ones they are is left open.
std::string with_small_digits(std::string text) {
  for (std::size_t at = 0; (at = text.find("\\x", at)) != text.npos; at += 2) {
    for (std::size_t i = at + 2; i < std::min(at + 4, text.size()); ++i)
      text[i] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[i])));
  }
  return text;
}

KIT_CHECK(Log, KeepsHostileBytesInTheirLine,
          .why = "A name with a newline in it could write lines of its own into the log.",
          .hint = "Everything that comes from outside goes through Log::value().",
          .function = "registration::Log::value") {
  RunningServer server({"--log", "server.log"});
  WireClient eve(server.instance(), deadline());
  for (const std::string& name : {std::string("a\nb c=d"), std::string("x\0y\xff", 4)})
    require_status("the answer to such a name", eve.enroll(name), Status::kBadName);
  server.require_end(SIGTERM);
  require_same("the log's lines with REGISTER", with_small_digits(joined(events_with("REGISTER"))),
               R"(INFO request action=REGISTER name=a\x0ab\x20c\x3dd
INFO response action=REGISTER name=a\x0ab\x20c\x3dd status=bad-name
INFO request action=REGISTER name=x\x00y\xff
INFO response action=REGISTER name=x\x00y\xff status=bad-name
)");
}

KIT_CHECK(Log, IsWholeWhenAskedFor,
          .why = "Who asks for the summary looks into the log next; both must tell the same.",
          .hint = "Before the summary is printed, all lines that came before are written.",
          .function = "registration::Log::flush") {
  RunningServer server({"--log", "server.log"});
  const WireClientPtr ann = registered(server, "ann");
  for (int i = 0; i < 500; ++i) ann->ask(Action::kStats);
  require_equal("the requests of ann in the summary",
                std::to_string(server.summary().clients["ann"].requests), "501");
  require_equal("the responses in the log", std::to_string(events_with(" response ").size()),
                "501");
}

KIT_CHECK(Log, CannotBeOpened, .why = "A server whose log goes nowhere should not start.",
          .hint = "Exit status 1, and one line on standard error that names the file.",
          .function = "registration::Log::Log") {
  Process& server = box().start("registration_server", {"--instance", fresh_instance(), "--log",
                                                        "no-such-folder/server.log"});
  did("started registration_server --log no-such-folder/server.log");
  const std::optional<Exit> exit = server.wait(deadline());
  if (!exit) fail_hung("registration_server ends");
  require_equal("how it ends", render(*exit), render(Exit{1, 0}));
  require(server.err().find("no-such-folder") != std::string::npos,
          "a message on standard error that names the file", in_quotes(shortened(server.err())));
}

KIT_CHECK(Summary, IsExact,
          .why =
              "Every request that was answered counts, whatever the answer was; or nobody can "
              "check the sum.",
          .hint = "A client's first request is its REGISTER; one that was refused is nobody's.",
          .function = "registration::summary_text") {
  RunningServer server;
  require_equal("the total of a new server", std::to_string(server.summary().total), "0");
  const WireClientPtr bob = registered(server, "bob");
  const WireClientPtr ann = registered(server, "ann");
  WireClient other(server.instance(), deadline());
  other.enroll("ann");
  other.enroll("a b");
  ann->send(bob->key(), "hello");
  ann->send(0x1234, "hello");
  ann->ask(static_cast<Action>(99));
  bob->ask(Action::kReceive);
  bob->ask(Action::kReceive);
  server.summary();
  const std::string out = server.process().out();
  const std::string ann_key = wire::key_text(ann->key());
  const std::string bob_key = wire::key_text(bob->key());
  note_varying(ann_key);
  note_varying(bob_key);
  const std::string expected = "summary clients=2\nclient name=ann key=" + ann_key +
                               " requests=4\nclient name=bob key=" + bob_key +
                               " requests=3\nleft clients=0 requests=0\nrefused requests=2\n"
                               "total requests=9\n";
  require_same("the summary", out.substr(out.rfind("summary clients=")), expected);
  server.require_end(SIGTERM);
  const std::string last = server.process().out();
  require_same("the summary at the end", last.substr(last.rfind("summary clients=")), expected);
}

KIT_CHECK(Summary, IsExactUnderLoad, .why = "A count that is almost right is worth nothing.",
          .hint = "A request is counted once, before it is answered; a summary is from one moment.",
          .function = "registration::Registry::summary") {
  constexpr int kClients = 6;
  const int requests = config().mode == Mode::kPlain ? 300 : 60;
  RunningServer server;
  did("6 clients send " + std::to_string(requests) + " requests each, of all kinds");
  std::vector<WireClientPtr> clients(kClients);
  for (int i = 0; i < kClients; ++i) clients[i] = registered(server, "c" + std::to_string(i));
  in_parallel(kClients + 1, [&](int i) {
    if (i == kClients) {
      for (int n = 0; n < 3; ++n) {
        const Summary summary = server.summary();
        require_equal("the total of a summary", std::to_string(summary.total),
                      std::to_string(summary.sum()));
      }
      return;
    }
    for (int n = 0; n < requests; ++n) {
      const int what = n % 4;
      if (what == 0) clients[i]->send(clients[(i + 1) % kClients]->key(), "m");
      if (what == 1) clients[i]->ask(Action::kReceive);
      if (what == 2) clients[i]->send(0x1234, "m");
      if (what == 3) clients[i]->ask(static_cast<Action>(50 + n));
    }
  });
  server.require_end(SIGTERM);
  const Summary summary = server.summary();
  for (const auto& [name, client] : summary.clients) {
    require_equal("the requests of " + name, std::to_string(client.requests),
                  std::to_string(requests + 1));
  }
  require_equal("the total", std::to_string(summary.total),
                std::to_string(kClients * (requests + 1)));
}

}  // namespace
}  // namespace kit::registration_lab
