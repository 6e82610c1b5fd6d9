// What a check says and asks while it runs. Every TEST of a driver is written with KIT_CHECK:
//
//     KIT_CHECK(RingBuffer, NumbersFromOne,
//               .why = "A client asks for what came after the last number that it has seen.",
//               .hint = "Count what was stored, not what is still there.",
//               .function = "ring::RingBuffer::push") {
//       const History history = run_once("ring_buffer_probe", scenario);
//       require_equal("the number of the first message", history[0].result, "1");
//     }
//
// The first thing that does not hold ends the check and becomes its finding: did(), require() and
// fail() are how. Then the box is closed, and what the instrumentation says of the subject's
// processes outranks what the check saw: a server that crashed explains a connection that was
// closed.
//
// Thread-safety: did() and the verdicts may be called from the check's own threads; a verdict
// thrown on one of those must be handed to the check's thread (std::exception_ptr).
#ifndef GRADER_HARNESS_CHECK_H_
#define GRADER_HARNESS_CHECK_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "grader/harness/box.h"
#include "grader/harness/deadline.h"
#include "grader/harness/finding.h"
#include "grader/harness/run_config.h"
#include "grader/harness/tcp_peer.h"

namespace kit {

// What a person is told when the check fails.
struct About {
  std::string why;       // why it matters
  std::string hint;      // what to look at
  std::string function;  // where the answer was formed, "ring::RingBuffer::push"; its line is shown
};

// Ends the check: something that should hold does not. What was expected, and what came instead.
[[noreturn]] void fail(const std::string& expected, const std::string& observed,
                       Status status = Status::kFailed);

// Ends the check: `what` did not happen in time. Takes the stacks of the subject's threads.
[[noreturn]] void fail_hung(const std::string& what,
                            const std::string& observed = "it did not happen");

// Ends the check by the grader's own fault, which costs no points.
[[noreturn]] void fail_not_gradable(const std::string& what);

inline void require(bool holds, const std::string& expected, const std::string& observed) {
  if (!holds) fail(expected, observed);
}
// `what` is the thing that was looked at: "the answer to GET".
void require_equal(const std::string& what, const std::string& observed,
                   const std::string& expected);

// The same for texts with any bytes in them and of any length.
void require_same(const std::string& what, std::string_view observed, std::string_view expected);

// A line of what was done, in order; the finding shows them all.
void did(const std::string& line);
// Forgets them: the next part stands for itself.
void forget_did();

// Adds to the finding's evidence, if there will be one.
void add_evidence(const std::string& text);

// The finding's picture, an SVG image.
void set_picture(const std::string& svg);

// A text that the subject makes up anew in each run, a nonce for example: wherever it stands in the
// finding, it is marked by varies(). May be called from the check's own threads.
void note_varying(const std::string& text);

// The line of the subject that the finding points at, "file:line", when the check knows better than
// .function does.
void point_at(const std::string& place);

// Changes what the finding points at, when a check looks at more than one function.
void set_function(const std::string& function);

// The time by which the whole check must have ended; calibrated, see calibration.h.
Deadline deadline();
// How much slower than a plain run on the machine that was measured: for limits of a check's own.
double slowness();

// The check's own randomness, from its seed.
std::mt19937_64& random();
std::uint64_t seed();

const RunConfig& config();
Box& box();

// Starts a program of the subject that is a server and waits until it listens ("listening on
// <port>").
struct Server {
  Process& process;
  std::uint16_t port;
};
Server start_server(const std::string& program, std::vector<std::string> args,
                    StartOptions options = {});

// A connection to it, which lives as long as the check, and whose transcript is part of the
// finding. `options.port` is set from the server.
TcpPeer& connect_to(const Server& server, TcpOptions options = {});
// The same, but not shown: for one of very many, or of a number that differs from run to run.
TcpPeer& connect_quietly(const Server& server, TcpOptions options = {});

using CheckBody = void (*)();
void run_check(const About& about, CheckBody body);

}  // namespace kit

#define KIT_CHECK(suite, name, ...)                                                          \
  static void suite##_##name##_check();                                                      \
  TEST(suite, name) { ::kit::run_check(::kit::About{__VA_ARGS__}, suite##_##name##_check); } \
  static void suite##_##name##_check()

#endif  // GRADER_HARNESS_CHECK_H_
