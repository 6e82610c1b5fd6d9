// The interposed library, in programs that need it: each test runs test_program with one thing to
// do and looks at what it prints, how it ends, and what events it sends.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "grader/harness/process.h"
#include "grader/harness/watch_events.h"

namespace kit {
namespace {

using Environment = std::map<std::string, std::string>;

// Set from the command line: absolute, since a program runs in a folder of its own.
std::string library_path;
std::string program_path;

Deadline soon() { return Deadline::after_ms(60'000); }

struct Ran {
  Exit exit;
  std::string out;
  std::string err;
  std::vector<WatchEvent> events;
  bool stopped_for_stacks = false;
};

Ran run_program(std::vector<std::string> arguments, Environment env, bool with_library = true) {
  WatchPipe pipe;
  Ran result;
  Launch launch;
  launch.name = "test_program";
  launch.argv = {program_path};
  if (arguments[0] == "daemon") arguments.push_back(std::to_string(pipe.child_fd()));
  launch.argv.insert(launch.argv.end(), arguments.begin(), arguments.end());
  launch.env = std::move(env);
  if (with_library) launch.env["LD_PRELOAD"] = library_path;
  launch.env["KIT_WATCH_FD"] = std::to_string(pipe.child_fd());
  launch.inherited_fd = pipe.child_fd();
  launch.folder = "/";
  launch.on_crash = [&](pid_t) { result.stopped_for_stacks = true; };
  Process process(std::move(launch));
  const std::optional<Exit> exit = process.wait(soon());
  EXPECT_TRUE(exit) << "still running after a minute";
  if (!exit) process.kill();
  result.exit = exit.value_or(Exit{0, 9});
  result.out = process.out();
  result.err = process.err();
  result.events = pipe.finish();
  return result;
}

std::string kinds_of(const std::vector<WatchEvent>& events) {
  std::string kinds;
  for (const WatchEvent& event : events) kinds += event.kind + "\n";
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

// Whether one of the lines of the site is the program's own.
bool is_in_test_program(const WatchSite& site) {
  const std::vector<std::string> lines = lines_of(site);
  return std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
    return line.find("test_program.cc:") != std::string::npos;
  });
}

// --- Crashes.

TEST(CrashStop, StopsOnEveryKindOfCrash) {
  for (const char* how : {"null", "abort", "overflow", "thread", "killed"}) {
    const Ran result = run_program({"crash", how}, {});
    EXPECT_TRUE(result.stopped_for_stacks) << how;
    EXPECT_EQ(result.exit.signal, 9) << how;
    EXPECT_EQ(result.err.substr(0, 18), "kit: fatal signal ") << how;
  }
}

TEST(CrashStop, DiesAsUsualWhenTurnedOff) {
  const Ran result = run_program({"crash", "null"}, {{"KIT_CRASH_STOP", "0"}});
  EXPECT_FALSE(result.stopped_for_stacks);
  EXPECT_EQ(result.exit.signal, 11);
}

// --- Events.

TEST(Watch, CarelessProgramIsTold) {
  const Ran result = run_program({"careless"}, {});
  expect_done(result);
  EXPECT_EQ(kinds_of(result.events),
            "alloc-under-lock\nfree-under-lock\nfree-under-lock\nsend-under-lock\n");
  ASSERT_FALSE(result.events.empty());
  EXPECT_EQ(result.events[0].value, "4000");
  for (const WatchEvent& event : result.events) EXPECT_TRUE(is_in_test_program(event.site));
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
  for (const WatchEvent& event : result.events) {
    EXPECT_EQ(event.value.substr(0, 20), "/kit interpose test ");
    EXPECT_TRUE(is_in_test_program(event.site));
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
  for (const WatchEvent& event : result.events) {
    if (event.kind == "delay") delays[event.rest.at(1)] += event.value + " ";
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
  for (const WatchEvent& event : result.events) {
    const int time_us = std::atoi(event.value.c_str());
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
