#include "grader/grade/commands.h"

#include <signal.h>
#include <unistd.h>

#include <cstdio>

#include "grader/class/bazel_class.h"
#include "grader/class/command.h"
#include "grader/grade/archive_writer.h"
#include "grader/grade/autograder.h"
#include "grader/grade/errors.h"
#include "grader/grade/files.h"
#include "grader/grade/handout.h"
#include "grader/grade/own_checks.h"
#include "grader/grade/pack.h"
#include "grader/grade/paths.h"
#include "grader/grade/progress.h"
#include "grader/grade/submission.h"

namespace kit::grade {
namespace {

namespace fs = std::filesystem;

const std::vector<int> kEndingSignals = {SIGINT, SIGTERM, SIGHUP};

void leave(const fs::path& file, ArchiveFormat format, const ArchiveFiles& files) {
  write_whole_file(file, make_archive(format, files));
  std::fprintf(stderr, "%s: %zu files\n", file.c_str(), files.size());
}

}  // namespace

int run_pack(const Options& options, const Bazel& bazel, const Manifest& manifest) {
  require_archive_name(options.output, ArchiveFormat::kTarGz);
  const Pack pack = collect_pack(manifest, bazel.workspace);
  const fs::path file = path_of_person(options.output);
  write_whole_file(file, make_archive(ArchiveFormat::kTarGz, pack.files));
  write_all(STDOUT_FILENO, pack_summary(pack, file), "standard output");
  return kExitGraded;
}

int run_handout(const Options& options, const Bazel& bazel, const Manifest& manifest) {
  require_archive_name(options.output, ArchiveFormat::kTarGz);
  SignalWatch signals(kEndingSignals);
  leave(path_of_person(options.output), ArchiveFormat::kTarGz,
        make_handout(bazel, manifest, signals));
  return kExitGraded;
}

int run_autograder(const Options& options, const Bazel& bazel, const Manifest& manifest) {
  require_archive_name(options.output, ArchiveFormat::kZip);
  SignalWatch signals(kEndingSignals);
  const bool has_checks = !options.checks.empty();
  // Whether they are any good is seen here and not on somebody else's machine.
  chosen_checks(options, bazel, manifest, signals);
  const ArchiveFiles handout = make_handout(bazel, manifest, signals);
  ArchiveFiles files = collect_autograder(manifest, handout, has_checks);
  if (has_checks) add_own_checks(path_of_person(options.checks), files);
  leave(path_of_person(options.output), ArchiveFormat::kZip, files);
  return kExitGraded;
}

int run_class_of(const Options& options, const Bazel& lab_bazel, const Manifest& lab) {
  ClassOptions class_options;
  class_options.submissions = path_of_person(options.folder);
  if (!options.output.empty()) class_options.results = path_of_person(options.output);
  if (!options.rules.empty()) class_options.rules = path_of_person(options.rules);
  if (!fs::is_directory(class_options.submissions)) {
    throw UsageError("there is no folder " + class_options.submissions.string());
  }
  SignalWatch signals(kEndingSignals);
  Progress progress(find_terminal(STDERR_FILENO));
  const auto [bazel, manifest] = chosen_checks(options, lab_bazel, lab, signals);
  const BazelClass setup{bazel, manifest, signals, progress,
                         look_at_sandbox(options.requires_sandbox)};
  for (const std::string& missing : setup.missing_sandbox) {
    progress.say("The sandbox is not whole: " + missing + ".");
  }
  const TempDir folder;
  const fs::path starter = folder.path() / "starter";
  generate_starter(bazel, manifest, starter);
  return run_class_command(manifest, class_options, bazel_grader(setup, starter));
}

}  // namespace kit::grade
