// Reads Bazel's build event stream, of which `--build_event_json_file` writes one JSON object a
// line, and says what became of each target that was asked for.
//
// Bazel 4.2 and 7 differ little here: 7 may leave `importantOutput` out, so files are found through
// the named sets alone; a target of the main repository may be called //x, @//x or @@//x.
//
// A failed target names its causes by their ids: actions that failed (with the path of what they
// wrote to standard error), or labels that could not be loaded or are missing.
//
// Thread-safety: one thread. Errors: a line that is no event is passed over, since the last one is
// cut off when Bazel dies; a target without an outcome is then the caller's to notice.
// Source: src/main/java/com/google/devtools/build/lib/buildeventstream/proto of Bazel, and
// what 4.2.3 wrote here.
#ifndef GRADER_GRADE_BEP_H_
#define GRADER_GRADE_BEP_H_

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kit::grade {

struct FailedAction {
  std::string label;     // "//labs/x:ring_buffer"
  std::string mnemonic;  // "CppCompile", "CppLink", "Check"
  std::string primary_output;
  std::string error_text;  // what it wrote to standard error
  std::string message;     // what Bazel says of it
};

struct TargetOutcome {
  std::string label;
  bool is_built = false;
  bool is_unknown = false;         // Bazel knows no target of that name
  std::vector<std::string> files;  // of the default output group, as paths
  std::vector<FailedAction> causes;
  std::vector<std::string> cause_labels;  // what was missing or could not be loaded
  std::string message;
};

class BepReader {
 public:
  // The outcomes that this line brings, mostly none.
  std::vector<TargetOutcome> read_line(std::string_view line);

  const std::string& exec_root() const { return exec_root_; }
  const std::string& bazel_version() const { return bazel_version_; }

 private:
  using Json = nlohmann::json;

  void store_action(const Json& id, const Json& action);
  TargetOutcome completed_target(const Json& event) const;
  void collect_files(const Json& file_sets, std::vector<std::string>& files) const;
  void collect_causes(const Json& children, TargetOutcome& outcome) const;

  std::string exec_root_;
  std::string bazel_version_;
  std::map<std::string, FailedAction> actions_;  // by their id as text
  std::map<std::string, Json> sets_;             // named sets of files by their id
};

}  // namespace kit::grade

#endif  // GRADER_GRADE_BEP_H_
