// What a lab consists of, as the program knows it: read from the JSON that Bazel makes of
// grader/<lab>/manifest.bzl. The program knows no lab by name.
//
// Thread-safety: plain values. Errors: GraderError, which names the file.
#ifndef GRADER_GRADE_MANIFEST_H_
#define GRADER_GRADE_MANIFEST_H_

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace kit::grade {

struct Check {
  std::string name;                      // "Suite.Name"
  std::map<std::string, double> points;  // by mode; a check is run in exactly these modes
  std::vector<std::string> needs;        // checks of the same step that it stands on
  bool is_own = false;                   // an instructor's, and not the lab's
};

struct Step {
  int number = 0;
  std::string title;
  std::string anchor;              // "docs/labs/x.md#step-1"
  std::vector<std::string> files;  // what a student edits
  std::vector<std::string> modes;  // the quickest answer first
  std::vector<Check> checks;       // the first is the first thing to get right
  // Programs of the solution that take part: what the driver calls each, to its target.
  std::map<std::string, std::string> references = {};
};

struct Manifest {
  std::string lab;
  std::string title;
  std::string page;              // "docs/labs/x.md"
  std::string lab_package;       // "labs/x"
  std::string solution_package;  // "solutions/x"
  bool is_internal = false;      // a lab of the grader's own tests: works, but is not listed
  std::vector<Step> steps;
  std::filesystem::path own_checks;  // an instructor's folder of checks; empty when there is none

  // The package of the runs on the lab and on the solution.
  std::string runs_package() const;
  // Null when there is no such step or no such mode.
  const Step* find_step(int number) const;
  bool has_mode(const std::string& mode) const;
};

double max_points(const Step& step);
double max_points(const Manifest& manifest);

// The files that a student may hand in: those that the steps name, each once, in their order.
std::vector<std::string> handed_in_files(const Manifest& manifest);

Manifest read_manifest(const std::filesystem::path& file);

// All labs. `list` names one manifest a line, relative to the folder above the list's own: that is
// how Bazel lays out the files that a program is given.
std::vector<Manifest> read_manifests(const std::filesystem::path& list);

// Where Bazel puts that list beside the program: in the runfiles of RUNFILES_DIR, of `argv0`, or
// here.
std::filesystem::path find_manifest_list(const std::string& argv0);

// Throws UsageError, which names the labs that there are.
const Manifest& find_lab(const std::vector<Manifest>& labs, const std::string& name);

}  // namespace kit::grade

#endif  // GRADER_GRADE_MANIFEST_H_
