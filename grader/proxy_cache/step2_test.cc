// Step 2: the queue of commands.
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/probe_run.h"

namespace kit::proxy_cache_lab {
namespace {

constexpr char kProbe[] = "command_probe";
constexpr int kQueueHolds = 10;  // CommandQueue::kMaxMessages
constexpr std::size_t kMaxKey = 2032;

constexpr char kSend[] = "proxy_cache::CommandQueue::send";
constexpr char kReceive[] = "proxy_cache::CommandQueue::receive";

Call get(const std::string& who, const std::string& key) {
  return {who + ".send", {"get", "1", "0", key}};
}
const Call kReceiveCall = {"receive", {}};

void explain_calls() {
  add_evidence(
      "In the calls above, who calls stands before the dot, and\n"
      "  send(kind, epoch, segment, key)   is send() of such a Command; \"dead\" when it is false\n"
      "  receive        shows the Command in the same order, or \"nothing\"\n"
      "  after(Y, n)    goes on when Y is known to wait in its nth send()\n"
      "  drain(n)       receives n commands\n"
      "  garbage(n)     puts a message of n bytes into the queue that is no command\n"
      "  patience(n)    is_alive() is false after n more calls of it\n"
      "  poll(ms)       looks whether fd() is readable\n");
}

// Sends and receives the same thing.
void add_both(std::vector<Expected>& calls, const std::string& kind, const std::string& epoch,
              const std::string& segment, const std::string& key) {
  calls.push_back({{"A.send", {kind, epoch, segment, key}}, "sent"});
  calls.push_back({kReceiveCall, kind + " " + epoch + " " + segment + " " + key});
}

KIT_CHECK(Commands, ArriveAsTheyWere,
          .why =
              "A command that is cut, or has a byte more, asks for another file than the client "
              "did. A key may have any bytes in it, and no NUL at its end.",
          .hint =
              "The key's length is the message's length without the fixed part. Copy by length, "
              "never by strlen(), and receive with room for the largest message there can be.",
          .function = kReceive) {
  explain_calls();
  std::vector<Expected> calls = {{kReceiveCall, "nothing"}};
  add_both(calls, "get", "1", "0", "/a");
  add_both(calls, "put", "4294967295", "9999", "/folder/file.jpg");
  add_both(calls, "get", "0", "4294967295", "");
  add_both(calls, "get", "7", "1", std::string("/a\0b \xff\n\0", 8));
  // From long to short, so that what is left over from the one before would be seen.
  for (const std::size_t bytes : {kMaxKey, kMaxKey - 1, std::size_t{1025}, std::size_t{1}}) {
    std::string key = "/" + std::string(bytes - 1, 'k');
    if (bytes > 1) key.back() = 'z';
    add_both(calls, "get", "1", "3", key);
  }
  calls.push_back({kReceiveCall, "nothing"});
  require_results(kProbe, {}, calls);
}

KIT_CHECK(Commands, KeepTheirOrder, .why = "Who asked first is served first.",
          .hint = "All messages have the same priority: the queue then keeps their order.",
          .function = kSend) {
  explain_calls();
  std::vector<Expected> calls;
  for (int turn = 0; turn < 3; ++turn) {
    for (int i = 0; i < kQueueHolds; ++i) {
      const std::string number = std::to_string(turn * kQueueHolds + i);
      calls.push_back(
          {{"A.send", {i % 3 == 0 ? "put" : "get", "1", number, "/" + number}}, "sent"});
    }
    calls.push_back({{"poll", {"0"}}, "readable"});
    for (int i = 0; i < kQueueHolds; ++i) {
      const std::string number = std::to_string(turn * kQueueHolds + i);
      calls.push_back({kReceiveCall, (i % 3 == 0 ? "put 1 " : "get 1 ") + number + " /" + number});
    }
    calls.push_back({{"poll", {"0"}}, "quiet"});
    calls.push_back({kReceiveCall, "nothing"});
  }
  require_results(kProbe, {}, calls);
}

KIT_CHECK(Commands, RefuseWhatIsTooLong,
          .why =
              "mq_send(3) says EMSGSIZE to what is longer than the queue's limit. A key that is "
              "cut to fit would be another key.",
          .hint = "Look at the key's length first, and throw std::invalid_argument.",
          .function = kSend) {
  explain_calls();
  const std::vector<Call> calls = {get("A", std::string(kMaxKey + 1, 'k')),
                                   kReceiveCall,
                                   get("A", std::string(20'000, 'k')),
                                   kReceiveCall,
                                   get("A", "/a"),
                                   kReceiveCall};
  const History history = run_once(kProbe, sequence({}, calls));
  for (const std::size_t i : {0u, 2u}) {
    require(history[i].result.find("invalid_argument") != std::string::npos,
            "send() of a key of " + std::string(i == 0 ? "2033" : "20000") +
                " bytes throws std::invalid_argument",
            printable(history[i].result, 200));
    require_equal("what is in the queue then", history[i + 1].result, "nothing");
  }
  require_equal("the next command", history[5].result, "get 1 0 /a");
}

KIT_CHECK(
    Commands, IgnoreWhatIsNone,
    .why =
        "Everybody who may open the queue may write into it. What is shorter than a command "
        "must not be read as one: the rest would be whatever is in the buffer.",
    .hint = "Look at the message's length before you copy anything out of it, and at the kind.",
    .function = kReceive) {
  explain_calls();
  for (const char* bytes : {"0", "1", "4", "11", "40", "most"}) {
    forget_did();
    const History history = run_once(kProbe, sequence({}, {get("A", "/before"),
                                                           {"garbage", {bytes}},
                                                           get("A", "/after"),
                                                           kReceiveCall,
                                                           kReceiveCall,
                                                           kReceiveCall,
                                                           kReceiveCall}));
    std::string came;
    for (std::size_t i = 3; i < history.size(); ++i) {
      if (history[i].result == "nothing") continue;
      came += (came.empty() ? "" : ", then ") + printable(history[i].result, 100);
    }
    require_equal("what is received", came, R"("get 1 0 /before", then "get 1 0 /after")");
  }
}

// What a drain of these keys gives.
std::string drained(const std::vector<std::string>& keys) {
  std::string out;
  for (const std::string& key : keys) out += (out.empty() ? "" : " | ") + ("get 1 0 " + key);
  return out;
}

void require_sent(const History& history) {
  for (const Operation& operation : history) {
    if (operation.call.find("send") != std::string::npos)
      require_equal("each send()", operation.result, "sent");
  }
}

void require_drained(const History& history, const std::string& expected) {
  for (const Operation& operation : history) {
    if (operation.call.find("drain") != std::string::npos)
      require_equal("what is received, in this order", operation.result, expected);
  }
}

KIT_CHECK(Commands, WaitWhileItIsFull,
          .why =
              "The kernel lets a queue hold ten messages. With eleven requests, one of them has to "
              "wait; it must be neither lost nor refused.",
          .hint = "EAGAIN means: wait for room, by poll(2) with POLLOUT, and send again.",
          .function = kSend) {
  explain_calls();
  constexpr int kMore = 4;
  Scenario scenario{{}, {{}, {}}};
  std::vector<std::string> keys;
  for (int i = 0; i < kQueueHolds + kMore; ++i) {
    keys.push_back("/" + std::to_string(i));
    scenario.threads[0].push_back(get("A", keys.back()));
  }
  scenario.threads[1] = {{"B.after", {"A", std::to_string(kQueueHolds + 1)}},
                         {"B.drain", {std::to_string(keys.size())}}};
  const History history = run_once(kProbe, scenario);
  require_sent(history);
  require_drained(history, drained(keys));
}

KIT_CHECK(
    Commands, WaitInOrderOfArrival,
    .why =
        "When there is room, the kernel lets in any of those who wait for it. Two hundred "
        "threads may wait there, and each must know that its turn comes.",
    .hint = "Let only one thread at a time wait for room. FairTurn keeps the others in order.",
    .function = kSend) {
  explain_calls();
  Scenario scenario{{}, {{}, {}, {}, {}, {}}};
  std::vector<std::string> keys;
  for (int i = 0; i <= kQueueHolds; ++i) {
    keys.push_back("/" + std::to_string(i));
    scenario.threads[0].push_back(get("A", keys.back()));
  }
  int first = kQueueHolds + 1;
  std::string before = "A";
  for (std::size_t i = 1; i <= 4; ++i) {
    const std::string who(1, static_cast<char>('A' + i));
    scenario.threads[i] = {{who + ".after", {before, std::to_string(first)}}, get(who, "/" + who)};
    keys.push_back("/" + who);
    before = who;
    first = 1;
  }
  scenario.threads.push_back({{"F.after", {"E", "1"}}, {"F.drain", {std::to_string(keys.size())}}});
  for (int i = 0; i < 3; ++i) {
    forget_did();
    const History history = run_once(kProbe, scenario);
    require_sent(history);
    bool is_known = true;
    for (const Operation& operation : history) is_known &= operation.result != "not known";
    if (is_known) require_drained(history, drained(keys));
  }
}

KIT_CHECK(
    Commands, WaitForNoDeadCache,
    .why =
        "When the cache is dead, nobody empties the queue. A thread that waits for room "
        "without looking whether it lives, waits for ever.",
    .hint = "Wait kLookMs at a time, and ask is_alive() each time. false: nothing has been sent.",
    .function = kSend) {
  explain_calls();
  std::vector<Expected> calls;
  for (int i = 0; i < kQueueHolds; ++i)
    calls.push_back({get("A", "/" + std::to_string(i)), "sent"});
  for (const char* looks : {"0", "3"}) {
    calls.push_back({{"patience", {looks}}, "done"});
    calls.push_back({get("A", "/late"), "dead"});
  }
  for (int i = 0; i < kQueueHolds; ++i)
    calls.push_back({kReceiveCall, "get 1 0 /" + std::to_string(i)});
  calls.push_back({kReceiveCall, "nothing"});
  require_results(kProbe, {}, calls);
}

KIT_CHECK(
    Commands, LeaveNoQueueBehind,
    .why =
        "The kernel keeps a queue until somebody unlinks it, also when nobody has it open. If the "
        "cache unlinked it, the next cache would not find it.",
    .hint = "mq_close(3) always, mq_unlink(3) only by who created it. O_EXCL: nobody else's.",
    .function = "proxy_cache::CommandQueue::~CommandQueue") {
  explain_calls();
  require_results(kProbe, {},
                  {{{"owner", {}}, "made: there, opened and let go: there, let go: gone"},
                   {{"twice", {}}, "EEXIST, and the first one is there"},
                   {{"missing", {}}, "ENOENT"}});
}

}  // namespace
}  // namespace kit::proxy_cache_lab
