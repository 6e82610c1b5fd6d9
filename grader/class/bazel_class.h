// A class graded by Bazel: a batch of submissions is laid out together, and is one build, so that
// Bazel keeps every processor busy and does nothing twice: not for two who handed in the same, and
// not again after a check was mended that has nothing to do with it.
//
// Thread-safety: one thread.
#ifndef GRADER_CLASS_BAZEL_CLASS_H_
#define GRADER_CLASS_BAZEL_CLASS_H_

#include <filesystem>
#include <string>
#include <vector>

#include "grader/class/command.h"
#include "grader/grade/bazel.h"
#include "grader/grade/manifest.h"
#include "grader/grade/process.h"
#include "grader/grade/progress.h"

namespace kit::grade {

struct BazelClass {
  Bazel bazel;
  const Manifest& manifest;
  SignalWatch& signals;
  Progress& progress;                        // what a person reads: a line for each student
  std::vector<std::string> missing_sandbox;  // what the box lacks on this machine
};

// Keeps a reference to `setup`. `starter`: see ClassGrader.
ClassGrader bazel_grader(const BazelClass& setup, const std::filesystem::path& starter);

}  // namespace kit::grade

#endif  // GRADER_CLASS_BAZEL_CLASS_H_
