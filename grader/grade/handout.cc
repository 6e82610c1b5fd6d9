#include "grader/grade/handout.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "grader/grade/build_statements.h"
#include "grader/grade/errors.h"
#include "grader/grade/files.h"
#include "grader/grade/process.h"

namespace kit::grade {
namespace {

namespace fs = std::filesystem;

// What every handout takes whole.
constexpr const char* kFolders[] = {"clients",        "docs/img",           "grader/bazel",
                                    "grader/class",   "grader/explore",     "grader/grade",
                                    "grader/harness", "grader/submissions", "labs/support"};
constexpr const char* kFiles[] = {".bazelrc",
                                  ".clang-format",
                                  ".gitignore",
                                  "BUILD",
                                  "LICENSE",
                                  "WORKSPACE",
                                  "docs/bazel.md",
                                  "docs/explorer.md",
                                  "docs/getting-started.md",
                                  "docs/how-grading-works.md",
                                  "grader/BUILD",
                                  "grader/goldens.sh",
                                  "grader/setup"};
// Submissions that attack a grader are no reading for a first course, and no use without solutions.
constexpr const char* kLeftOut[] = {"__pycache__", "hostile"};

constexpr const char* kReadme = R"(# {title}

On a fresh Debian 12, in this folder:

    grader/setup && bazel run //grader -- grade {lab}

`grader/setup` installs what is missing, and says what. Then begin with {page}.

Your work is in `{package}`. While you work, leave this running:

    bazel run //grader -- watch {lab}

When you are done, this makes what you hand in:

    bazel run //grader -- pack {lab} --output {lab}.tar.gz
)";

bool is_left_out(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with('.') || name.ends_with('~') ||
         std::find(std::begin(kLeftOut), std::end(kLeftOut), name) != std::end(kLeftOut);
}

// The folders of grader/ that a BUILD file names: "//grader/proxy:getfile" is in the room "proxy".
std::vector<std::string> rooms_in(const std::string& build) {
  constexpr std::string_view kGrader = "\"//grader/";
  std::vector<std::string> rooms;
  for (std::size_t at = 0; (at = build.find(kGrader, at)) != std::string::npos;) {
    at += kGrader.size();
    rooms.push_back(build.substr(at, build.find_first_of(":/\"", at) - at));
  }
  return rooms;
}

class Collector {
 public:
  explicit Collector(const Manifest& manifest, const HandoutParts& parts)
      : manifest_(manifest), parts_(parts) {}

  ArchiveFiles collect();

 private:
  void add(const std::string& name, ArchiveFile file);
  void add_file(const fs::path& file, const std::string& name);
  void add_folder(const fs::path& folder, const std::string& name);
  void add_room(const std::string& lab);
  void add_references();
  void add_readme();
  void refuse_what_must_not_get_out() const;

  const Manifest& manifest_;
  const HandoutParts& parts_;
  ArchiveFiles files_;
};

void Collector::add(const std::string& name, ArchiveFile file) {
  files_[manifest_.lab + "/" + name] = std::move(file);
}

void Collector::add_file(const fs::path& file, const std::string& name) {
  ArchiveFile read = read_archive_file(file);
  if (file.filename() == "BUILD") read.content = without_solutions(read.content);
  add(name, std::move(read));
}

void Collector::add_folder(const fs::path& folder, const std::string& name) {
  if (!fs::is_directory(folder)) return;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (is_left_out(entry.path())) continue;
    const std::string below = name + "/" + entry.path().filename().string();
    if (entry.is_directory()) {
      add_folder(entry.path(), below);
    } else {
      add_file(entry.path(), below);
    }
  }
}

// The files of a lab's room; its folders (mutants, a solution) stay. A lab's checks may stand on
// parts of another lab's: then that room goes along, and without its labs/ folder it is no lab
// there.
void Collector::add_room(const std::string& lab) {
  const std::string room = "grader/" + lab;
  for (const fs::directory_entry& entry : fs::directory_iterator(parts_.workspace / room)) {
    if (!entry.is_regular_file() || is_left_out(entry.path())) continue;
    add_file(entry.path(), room + "/" + entry.path().filename().string());
  }
  const auto build = files_.find(manifest_.lab + "/" + room + "/BUILD");
  if (build == files_.end()) return;
  for (const std::string& other : rooms_in(build->second.content)) {
    const bool is_lab = fs::exists(parts_.workspace / "grader" / other / "manifest.bzl");
    const std::string manifest = manifest_.lab + "/grader/" + other + "/manifest.bzl";
    if (is_lab && files_.count(manifest) == 0) add_room(other);
  }
}

void Collector::add_references() {
  for (const auto& [target, program] : parts_.references) {
    add("grader/" + manifest_.lab + "/references/" + target,
        {read_archive_file(program).content, true});
  }
}

void Collector::add_readme() {
  add("README.md",
      {fmt::format(kReadme, fmt::arg("title", manifest_.title), fmt::arg("lab", manifest_.lab),
                   fmt::arg("page", manifest_.page), fmt::arg("package", manifest_.lab_package)),
       false});
}

void Collector::refuse_what_must_not_get_out() const {
  const std::string labs = manifest_.lab + "/" + manifest_.lab_package + "/";
  const std::string solution = manifest_.lab + "/" + manifest_.solution_package + "/";
  for (const auto& [name, file] : files_) {
    if (name.starts_with(solution) || name.find("/mutants/") != std::string::npos) {
      throw GraderError(name + " would be handed out");
    }
    const bool has_marker = file.content.find("//~") != std::string::npos ||
                            file.content.find("#~") != std::string::npos;
    if (name.starts_with(labs) && has_marker) {
      throw GraderError("a marker of the solution would be handed out in " + name);
    }
  }
}

ArchiveFiles Collector::collect() {
  for (const char* folder : kFolders) add_folder(parts_.workspace / folder, folder);
  for (const char* file : kFiles) add_file(parts_.workspace / file, file);
  add_file(parts_.workspace / manifest_.page, manifest_.page);
  add_folder(parts_.starter, manifest_.lab_package);
  add_room(manifest_.lab);
  add_references();
  add_readme();
  refuse_what_must_not_get_out();
  return std::move(files_);
}

// The programs of the solution that the checks of some step need, by target.
std::map<std::string, fs::path> build_references(const Bazel& bazel, const Manifest& manifest,
                                                 SignalWatch& signals) {
  std::map<std::string, std::string> targets;  // by label
  for (const Step& step : manifest.steps) {
    for (const auto& [name, target] : step.references) {
      targets["//grader/" + manifest.lab + ":" + target + "_as_handed_out"] = target;
    }
  }
  std::map<std::string, fs::path> programs;
  if (targets.empty()) return programs;
  std::vector<std::string> labels;
  for (const auto& [label, target] : targets) labels.push_back(label);
  BuildHooks hooks;
  hooks.on_target = [&](const TargetOutcome& outcome) {
    if (outcome.is_built) programs[targets[outcome.label]] = outcome.files.at(0);
  };
  const BuildResult result = build(bazel, labels, signals, hooks);
  if (programs.size() != targets.size()) {
    throw GraderError("a program of the reference cannot be built:\n" + result.log);
  }
  return programs;
}

}  // namespace

void generate_starter(const Bazel& bazel, const Manifest& manifest, const fs::path& folder) {
  if (!fs::is_directory(bazel.workspace / manifest.solution_package)) {
    return fs::copy(bazel.workspace / manifest.lab_package, folder, fs::copy_options::recursive);
  }
  Process python = Process::start({"/usr/bin/python3", "-B", "grader/bazel/starter.py",
                                   manifest.solution_package, folder.string()},
                                  {bazel.workspace, -1, -1, -1, false});
  if (python.wait() != 0) {
    throw GraderError("the starter of " + manifest.solution_package + " cannot be made");
  }
}

ArchiveFiles collect_handout(const Manifest& manifest, const HandoutParts& parts) {
  return Collector(manifest, parts).collect();
}

ArchiveFiles make_handout(const Bazel& bazel, const Manifest& manifest, SignalWatch& signals) {
  if (!fs::is_directory(bazel.workspace / manifest.solution_package)) {
    throw UsageError("there is no " + manifest.solution_package +
                     " here: a handout is made where the solution is");
  }
  const TempDir folder;
  HandoutParts parts{bazel.workspace, folder.path() / "starter", {}};
  generate_starter(bazel, manifest, parts.starter);
  parts.references = build_references(bazel, manifest, signals);
  return collect_handout(manifest, parts);
}

}  // namespace kit::grade
