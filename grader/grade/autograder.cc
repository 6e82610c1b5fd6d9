#include "grader/grade/autograder.h"

#include <string>
#include <string_view>

#include "grader/grade/errors.h"

namespace kit::grade {
namespace {

constexpr std::string_view kSetup = R"sh(#!/bin/bash
# Run once, as root, while Gradescope builds the image.
set -euo pipefail
cd /autograder/source/kit
export HOME=/root

# What is graded runs as somebody else, and has no business here: the checks lie here.
chmod 700 /autograder/source

grader/setup

# The starter as a submission: builds all that every submission needs, and shows in the log of the
# image whether grading works on this system.
mkdir -p /autograder/results
bazel run //grader -- grade @LAB@ --submission @FOLDER@@CHECKS@ \
  --output /autograder/results/starter.txt
cat /autograder/results/starter.txt
rm /autograder/results/starter.txt
bazel shutdown

# From here on the machine is half a processor with 768 MB, and shows more of both than it gives.
cat >> .bazelrc <<'RC'

startup --host_jvm_args=-Xmx256m
build --jobs=1
RC
)sh";

constexpr std::string_view kRun = R"sh(#!/bin/bash
# Run as root for each submission. The grader starts what was handed in as another user, in a box.
set -u
cd /autograder/source/kit || exit 1
export HOME=/root
results=/autograder/results/results.json

# Gradescope ends everything after 10 minutes. A minute before that the grader is asked to stop: it
# then says what it has, and what it left out. The limit in seconds may be set for longer ones.
limit_s=${GRADER_LIMIT_S:-540}
timeout --signal=INT --kill-after=30 "$limit_s" \
  bazel run //grader -- grade @LAB@ --submission /autograder/submission@CHECKS@ \
  --format gradescope --output "$results" --as-it-comes
status=$?

# 0 is graded, 3 is graded in part; and without a file Gradescope tells the instructor.
echo "The grader ended with status $status."
[[ -s $results ]]
)sh";

void replace_all(std::string& text, std::string_view place, const std::string& value) {
  for (std::size_t at; (at = text.find(place)) != std::string::npos;) {
    text.replace(at, place.size(), value);
  }
}

ArchiveFile script_of(std::string_view script, const Manifest& manifest, bool has_checks) {
  std::string text(script);
  replace_all(text, "@LAB@", manifest.lab);
  replace_all(text, "@FOLDER@", manifest.lab_package);
  replace_all(text, "@CHECKS@", has_checks ? " --checks /autograder/source/checks" : "");
  return {text, /*is_executable=*/true};
}

}  // namespace

ArchiveFiles collect_autograder(const Manifest& manifest, const ArchiveFiles& handout,
                                bool has_checks) {
  const std::string root = manifest.lab + "/";
  ArchiveFiles files;
  for (const auto& [name, file] : handout) {
    if (!name.starts_with(root)) throw GraderError(name + " is not of the handout");
    files["kit/" + name.substr(root.size())] = file;
  }
  files["setup.sh"] = script_of(kSetup, manifest, has_checks);
  files["run_autograder"] = script_of(kRun, manifest, has_checks);
  return files;
}

void add_own_checks(const std::filesystem::path& folder, ArchiveFiles& files) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    files["checks/" + entry.path().filename().string()] = read_archive_file(entry.path());
  }
}

}  // namespace kit::grade
