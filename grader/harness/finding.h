// A finding: what one check, in one mode, came to. The one form in which a driver says something to
// the rest of the grader, and in which the grader says it to a person.
//
// A driver's run leaves a file with one FindingSet as JSON (format version 1). Nothing else leaves
// a check. Fields that are empty are left out of the JSON.
//
// Text that differs from run to run though nothing changed (a port, an interleaving, an address) is
// wrapped by varies(). It is shown to a student as it is; golden files compare everything else.
//
// Thread-safety: plain values.
#ifndef GRADER_HARNESS_FINDING_H_
#define GRADER_HARNESS_FINDING_H_

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kit {

enum class Status {
  kPassed,
  kFailed,       // ran, and something that should hold did not
  kNotBuilt,     // the subject does not compile
  kCrashed,      // a program of the subject died by a signal or a sanitizer's or Valgrind's error
  kHung,         // no progress by the deadline
  kDeadlocked,   // hung, and threads wait for each other in a cycle
  kStarved,      // somebody waited while others were served over and over
  kRaced,        // a data race
  kLeaked,       // memory, descriptors, threads, processes or IPC objects left behind
  kSkipped,      // something it stands on failed
  kNotGradable,  // the grader's own fault: costs no points
};

// "passed", "failed", "not_built", ... as in the JSON.
std::string_view status_name(Status status);
// Throws std::invalid_argument, which names the word.
Status status_from_name(std::string_view name);

struct Finding {
  std::string check;  // the GoogleTest name, "Suite.Name"
  Status status = Status::kNotGradable;
  double seconds = 0;
  std::uint64_t seed = 0;

  // For a person; each may be empty. Lines end in '\n' except the last.
  std::string did;       // what was done, step by step
  std::string expected;  // what should have come
  std::string observed;  // what came instead
  std::string why;       // why it matters
  std::string where;     // file:line in the subject, "ring_buffer.cc:41"
  std::string evidence;  // a sanitizer's report, the stacks of a hang, a subject's last output
  std::string hint;      // what to look at next
  std::string
      picture;  // an SVG image for a report that can show one; its texts are in `evidence` too

  // In the mode explore, what makes it the very same: hashes of the code and of what happened,
  // "<16 hex digits>-<16 hex digits>".
  std::string interleaving;
};

struct FindingSet {
  std::string lab;      // "ring_buffer_server"
  std::string subject;  // "//labs/ring_buffer_server"
  int step = 0;
  std::string mode;  // "plain", "asan", ...
  std::string
      isolation;  // what the box could give: "own network, /dev/shm and /tmp" or what is missing
  std::vector<Finding> findings;
};

void to_json(nlohmann::json& json, const Finding& finding);
void from_json(const nlohmann::json& json, Finding& finding);
void to_json(nlohmann::json& json, const FindingSet& set);
// Throws nlohmann::json::exception or std::invalid_argument on what is no finding set.
void from_json(const nlohmann::json& json, FindingSet& set);

// Marks text as different from run to run. varies() may not be nested.
std::string varies(std::string_view text);
// The beginning of a text with marks: one that was cut off is closed.
std::string with_closed_mark(std::string beginning);
// The text with each of `words` marked wherever it stands and no mark is yet.
std::string mark_varying(std::string_view text, const std::set<std::string>& words);
// The text without the marks, as a person reads it.
std::string shown(std::string_view text);
// The text with "⟦...⟧" around the parts that vary, as a golden file keeps it.
std::string as_golden(std::string_view text);
// A golden text with nothing between ⟦ and ⟧; where a new line begins there, not even these, since
// whole lines that vary may be missing.
std::string without_varying(std::string_view golden_text);

}  // namespace kit

#endif  // GRADER_HARNESS_FINDING_H_
