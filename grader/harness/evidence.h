// What a mode's instrumentation said of a subject's processes: the reports of the sanitizers and of
// Valgrind, which they write into one file per process id, so that daemons and children count.
//
// Sources: https://github.com/google/sanitizers/wiki (log_path), Valgrind's protocol 4 XML
// (docs/internals/xml-output-protocol4.txt of its sources).
#ifndef GRADER_HARNESS_EVIDENCE_H_
#define GRADER_HARNESS_EVIDENCE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "grader/harness/finding.h"
#include "grader/harness/own_code.h"
#include "grader/harness/run_config.h"

namespace kit {

struct Evidence {
  Status status = Status::kCrashed;
  std::string summary;  // one sentence: "AddressSanitizer: heap-use-after-free"
  std::string
      report;         // its stacks, cut down to the subject's own code; addresses marked as varying
  std::string where;  // "file:line" of the innermost frame in the subject's code; may be empty
};

// The environment in which a program of the mode reports into `folder`.
std::map<std::string, std::string> report_environment(Mode mode, const std::string& folder);

// What to put in front of a program's command line in this mode.
std::vector<std::string> report_command(Mode mode, const std::string& folder);

// Whether a program that ended with this exit status says that it wrote a report.
bool is_report_status(int exit_status);

// The worst of the reports that lie in `folder`; std::nullopt when there are none. `own` is the
// subject's code.
std::optional<Evidence> read_evidence(const std::string& folder, const OwnCode& own);

}  // namespace kit

#endif  // GRADER_HARNESS_EVIDENCE_H_
