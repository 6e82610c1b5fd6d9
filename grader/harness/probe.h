// A probe: the student's library behind a small adapter of ours, as a program that carries out
// scenarios.
//
// A lab writes one <name>_probe.cc: it defines make_adapter() and nothing else. main() is in
// probe_main.cc: it reads a scenario from standard input, makes a new adapter for each round, lets
// each thread of the scenario make its calls, and records what they returned.
//
// The adapter translates words to calls and results to words, and judges nothing: what a result
// should have been is the driver's business, which runs in another process. It holds no lock and no
// state of its own that threads share, beyond the object under test.
#ifndef GRADER_HARNESS_PROBE_H_
#define GRADER_HARNESS_PROBE_H_

#include <cstdlib>
#include <memory>
#include <string>

#include "grader/harness/scenario.h"

namespace kit {

class Adapter {
 public:
  virtual ~Adapter() = default;

  // Makes one call on the object under test, on the calling thread. Throws UnknownCall for a call
  // that the adapter does not know; what else is thrown becomes the result "threw <type>: <what>".
  virtual std::string call(const std::string& name, const Words& args) = 0;

  // Whether each thread of the scenario is a process of its own, forked when the adapter is made.
  // What they share must then lie in shared memory. One of them may end itself by SIGKILL: its call
  // never returns, and the others go on. Any other death of one is the death of the probe.
  virtual bool has_processes() const { return false; }
};

// Thrown by an adapter: the scenario and the adapter do not fit, which is the grader's fault.
struct UnknownCall {
  std::string name;
};

// Defined by the lab's probe. `setup` is the scenario's setup line.
std::unique_ptr<Adapter> make_adapter(const Words& setup);

// How long a call of a probe may wait for what another thread is to do, before it says that this is
// not known: a part of what is left to the check, so that the scenario ends before the check does.
inline int patience_ms() {
  const char* ms = std::getenv("KIT_PATIENCE_MS");
  return ms != nullptr ? std::atoi(ms) : 1000;
}

// How a probe ends when the fault is the grader's: a scenario it cannot read, an unknown call.
inline constexpr int kProbeFault = 120;

}  // namespace kit

#endif  // GRADER_HARNESS_PROBE_H_
