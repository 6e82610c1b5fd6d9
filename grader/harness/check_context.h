// The check that is running, as the driver's main() sets it up and reads it out; see check.h for
// what drivers use.
#ifndef GRADER_HARNESS_CHECK_CONTEXT_H_
#define GRADER_HARNESS_CHECK_CONTEXT_H_

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>

#include "grader/harness/check.h"
#include "grader/harness/tcp_peer.h"

namespace kit {

// Thrown by the verdicts of check.h, after they have noted the finding.
struct Verdict {};

struct CheckContext {
  RunConfig config;
  std::string check;
  std::uint64_t seed = 1;
  double slowness = 1;
  Deadline deadline = Deadline::after_ms(0);
  std::mt19937_64 random;
  std::unique_ptr<Box> box;
  std::deque<TcpPeer> peers;  // kept to the end, so that a hang is seen while they are still open
  std::deque<TcpPeer> quiet_peers;  // likewise, and not shown
  About about;
  std::string picture;
  std::string interleaving;         // that was found, as in Finding
  std::string wanted_interleaving;  // that the token names which is to be reproduced
  bool with_gdb = false;
  std::string where;  // what the finding points at, when the check said so

  std::mutex mutex;  // guards what follows
  std::string did;
  std::string evidence;
  std::set<std::string> varying;   // texts that differ from run to run
  std::optional<Finding> finding;  // the first thing that did not hold
};

// Set by main() before any check runs.
extern CheckContext* g_check;

// The path of a file of the subject as a person knows it, in any text: the folders that only the
// build has in front of it are left out.
std::string as_shown(std::string text, const RunConfig& config);

// Ends what still runs and makes the finding: what was noted, or what the processes' reports say.
Finding conclude(CheckContext& context);

}  // namespace kit

#endif  // GRADER_HARNESS_CHECK_CONTEXT_H_
