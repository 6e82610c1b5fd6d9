// The interposed library, in programs that need it: each test runs test_program with one thing to
// do and looks at what it prints, how it ends, and what events it sends.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "grader/harness/command.h"
#include "grader/harness/fd.h"
#include "grader/harness/process.h"

namespace kit {
namespace {

using Environment = std::map<std::string, std::string>;

// Set from the command line: absolute, since a program runs in a folder of its own.
std::string library_path;
std::string program_path;

Deadline soon() { return Deadline::after_ms(20'000); }

// An event's words (interpose/watch.h says which): its kind, its value, its site or what else.
using Event = std::vector<std::string>;

struct Ran {
  Exit exit;
  std::string out;
  std::string err;
  std::vector<Event> events;
  bool stopped_for_stacks = false;
};

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

// Large enough for all events of a run, so that it is read when the program has ended.
class EventPipe {
 public:
  EventPipe() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    read_end_.reset(ends[0]);
    write_end_.reset(ends[1]);
    EXPECT_GE(fcntl(ends[1], F_SETPIPE_SZ, 1 << 20), 1 << 20);
  }
  int write_end() const { return write_end_.get(); }

  std::vector<Event> take() {
    std::string text;
    char bytes[16 * 1024];
    ssize_t count = 0;
    while ((count = read(read_end_.get(), bytes, sizeof(bytes))) > 0) {
      text.append(bytes, static_cast<std::size_t>(count));
    }
    std::vector<Event> events;
    for (const std::string& line : split(text, '\n')) events.push_back(split(line, ' '));
    return events;
  }

 private:
  UniqueFd read_end_;
  UniqueFd write_end_;
};

Ran run_program(std::vector<std::string> arguments, Environment env, bool with_library = true) {
  EventPipe pipe;
  Ran result;
  Launch launch;
  launch.name = "test_program";
  launch.argv = {program_path};
  if (arguments[0] == "daemon") arguments.push_back(std::to_string(pipe.write_end()));
  launch.argv.insert(launch.argv.end(), arguments.begin(), arguments.end());
  launch.env = std::move(env);
  if (with_library) launch.env["LD_PRELOAD"] = library_path;
  launch.env["KIT_WATCH_FD"] = std::to_string(pipe.write_end());
  launch.inherited_fds = {pipe.write_end()};
  launch.folder = "/";
  launch.on_crash = [&](pid_t) { result.stopped_for_stacks = true; };
  Process process(std::move(launch));
  const std::optional<Exit> exit = process.wait(soon());
  EXPECT_TRUE(exit) << "still running after 20 s";
  process.kill();
  result.exit = exit.value_or(Exit{0, SIGKILL});
  result.out = process.out();
  result.err = process.err();
  result.events = pipe.take();
  return result;
}

std::string kinds_of(const std::vector<Event>& events) {
  std::string kinds;
  for (const Event& event : events) kinds += event[0] + "\n";
  return kinds;
}

int number_after(const std::string& text, const std::string& word) {
  const std::size_t at = text.find(word + " ");
  return at == std::string::npos ? -1 : std::atoi(text.c_str() + at + word.size());
}

void expect_done(const Ran& result) {
  EXPECT_TRUE(result.exit.clean()) << render(result.exit) << "\n" << result.err;
  EXPECT_NE(result.out.find("done\n"), std::string::npos) << result.out;
}

// Whether one of the lines of a site, "<file>+0x1,0x2", is the program's own.
bool is_in_test_program(const std::string& site) {
  const std::size_t plus = site.rfind('+');
  if (plus == std::string::npos) return false;
  std::vector<std::string> argv = {"addr2line", "-i", "-e", site.substr(0, plus)};
  for (const std::string& offset : split(site.substr(plus + 1), ',')) argv.push_back(offset);
  return run_command(argv, soon()).out.find("test_program.cc:") != std::string::npos;
}

// --- Crashes.

TEST(CrashStop, StopsOnEveryKindOfCrash) {
  for (const char* how : {"null", "abort", "overflow", "thread", "killed"}) {
    const Ran result = run_program({"crash", how}, {});
    EXPECT_TRUE(result.stopped_for_stacks) << how;
    EXPECT_EQ(result.exit.signal, std::string(how) == "abort" ? SIGABRT : SIGSEGV) << how;
    EXPECT_EQ(result.err.substr(0, 18), "kit: fatal signal ") << how;
  }
}

TEST(CrashStop, DiesAsUsualWhenTurnedOff) {
  const Ran result = run_program({"crash", "null"}, {{"KIT_CRASH_STOP", "0"}});
  EXPECT_FALSE(result.stopped_for_stacks);
  EXPECT_EQ(result.exit.signal, SIGSEGV);
}

// --- Events.

TEST(Watch, CarelessProgramIsTold) {
  const Ran result = run_program({"careless"}, {});
  expect_done(result);
  EXPECT_EQ(kinds_of(result.events),
            "alloc-under-lock\nfree-under-lock\nfree-under-lock\nsend-under-lock\n");
  ASSERT_FALSE(result.events.empty());
  EXPECT_EQ(result.events[0].at(1), "4000");
  for (const Event& event : result.events) EXPECT_TRUE(is_in_test_program(event.at(2)));
}

TEST(Watch, CarefulProgramIsNot) {
  const Ran result = run_program({"careful"}, {{"KIT_PERTURB", "1:200"}});
  expect_done(result);
  EXPECT_EQ(kinds_of(result.events), "");
}

TEST(Watch, NamedObjectsWithTheLineThatMadeThem) {
  const Ran result = run_program({"objects"}, {});
  expect_done(result);
  EXPECT_EQ(kinds_of(result.events), "shm_open\nsem_open\nmq_open\n");
  for (const Event& event : result.events) {
    EXPECT_EQ(event.at(1).substr(0, 29), "/kit\\x20interpose\\x20test\\x20");
    EXPECT_TRUE(is_in_test_program(event.at(2)));
  }
}

TEST(Watch, NothingGoesIntoAnotherFileUnderTheSameNumber) {
  const Ran result = run_program({"daemon"}, {});
  expect_done(result);
  EXPECT_EQ(kinds_of(result.events), "");
}

// --- Delays.

// What each thread was made to do, in its own order.
std::map<std::string, std::string> delays_by_thread(const Ran& result) {
  std::map<std::string, std::string> delays;
  for (const Event& event : result.events) {
    if (event[0] == "delay") delays[event.at(3)] += event[1] + " ";
  }
  return delays;
}

TEST(Perturb, SameSeedSameChoicesInEachThread) {
  const Environment env = {{"KIT_PERTURB", "42:50"}, {"KIT_WATCH_DELAYS", "1"}};
  const auto first = delays_by_thread(run_program({"locks"}, env));
  const auto second = delays_by_thread(run_program({"locks"}, env));
  EXPECT_EQ(first.size(), 3u);
  EXPECT_EQ(first, second);
}

TEST(Perturb, OtherSeedOtherChoices) {
  const auto first = delays_by_thread(
      run_program({"locks"}, {{"KIT_PERTURB", "1:50"}, {"KIT_WATCH_DELAYS", "1"}}));
  const auto second = delays_by_thread(
      run_program({"locks"}, {{"KIT_PERTURB", "2:50"}, {"KIT_WATCH_DELAYS", "1"}}));
  EXPECT_NE(first, second);
}

TEST(Perturb, SleepsYieldsAndDoesNothing) {
  const Ran result = run_program({"locks"}, {{"KIT_PERTURB", "7:50"}, {"KIT_WATCH_DELAYS", "1"}});
  int none = 0;
  int yields = 0;
  int sleeps = 0;
  for (const Event& event : result.events) {
    const int time_us = std::atoi(event.at(1).c_str());
    none += time_us < 0 ? 1 : 0;
    yields += time_us == 0 ? 1 : 0;
    sleeps += time_us > 0 ? 1 : 0;
    EXPECT_LE(time_us, 50);
  }
  // 2 threads x 50 x (lock and unlock) x (before and after), and what starts and joins them.
  EXPECT_GE(none + yields + sleeps, 400);
  EXPECT_GT(std::min({none, yields, sleeps}), 40);
}

TEST(Perturb, NotSetMeansNone) {
  for (const char* value : {"", "x", "7", "7:", "7:x", ":50"}) {
    const Ran result = run_program({"locks"}, {{"KIT_PERTURB", value}, {"KIT_WATCH_DELAYS", "1"}});
    expect_done(result);
    EXPECT_EQ(kinds_of(result.events), "") << value;
  }
}

TEST(Perturb, RaceShowsMuchMoreOften) {
  constexpr int kRounds = 300;
  const auto wrong = [&](const Environment& env, bool with_library) {
    return number_after(run_program({"race", std::to_string(kRounds)}, env, with_library).out,
                        "wrong");
  };
  const int alone = wrong({}, false);
  const int watched = wrong({}, true);
  const int perturbed = wrong({{"KIT_PERTURB", "1:100"}}, true);
  std::printf("wrong in %d rounds: %d alone, %d with the library, %d with delays\n", kRounds, alone,
              watched, perturbed);
  EXPECT_GT(perturbed, kRounds / 10);
  EXPECT_GT(perturbed, alone);
}

// --- Short transfers and interruptions.

TEST(ShortIo, HappensBothWays) {
  const Ran result = run_program({"transfer"}, {{"KIT_SHORT_IO", "50"}});
  expect_done(result);
  EXPECT_GT(number_after(result.out, "short_sends"), 10);
  EXPECT_GT(number_after(result.out, "short_receives"), 50);
  EXPECT_EQ(number_after(result.out, "interruptions"), 0);
}

TEST(Eintr, Happens) {
  const Ran result = run_program({"transfer"}, {{"KIT_EINTR", "30"}});
  expect_done(result);
  EXPECT_GT(number_after(result.out, "interruptions"), 50);
  EXPECT_EQ(number_after(result.out, "short_sends"), 0);
}

TEST(ShortIo, NotWithoutBeingAsked) {
  const Ran result = run_program({"transfer"}, {});
  expect_done(result);
  EXPECT_EQ(number_after(result.out, "short_sends"), 0);
  EXPECT_EQ(number_after(result.out, "short_receives"), 0);
}

TEST(ShortIo, DatagramsPipesAndNonBlockingSocketsAreLeftAlone) {
  expect_done(run_program({"untouched"}, {{"KIT_SHORT_IO", "100"}, {"KIT_EINTR", "100"}}));
}

// --- A correct program stays correct.

TEST(Correct, SurvivesEverythingAtOnce) {
  for (const char* what : {"features", "serve", "transfer", "careful", "cancel", "errno"}) {
    for (const char* seed : {"1", "2", "3"}) {
      const Ran result = run_program({what}, {{"KIT_PERTURB", std::string(seed) + ":100"},
                                              {"KIT_SHORT_IO", "40"},
                                              {"KIT_EINTR", "20"}});
      expect_done(result);
      EXPECT_EQ(result.err, "") << what;
    }
  }
}

}  // namespace
}  // namespace kit

namespace {

std::string absolute(const char* path) {
  const std::string text = path;
  if (text[0] == '/') return text;
  char folder[4'096];
  return (getcwd(folder, sizeof(folder)) != nullptr ? std::string(folder) : "") + "/" + text;
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 3) {
    std::fprintf(stderr, "usage: interpose_test LIBRARY PROGRAM\n");
    return 2;
  }
  kit::library_path = absolute(argv[1]);
  kit::program_path = absolute(argv[2]);
  return RUN_ALL_TESTS();
}
