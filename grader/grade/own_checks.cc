#include "grader/grade/own_checks.h"

#include "grader/class/digest.h"
#include "grader/grade/errors.h"
#include "grader/grade/paths.h"

namespace kit::grade {
namespace {

namespace fs = std::filesystem;

constexpr const char* kManifest = "@hidden_checks//:manifest";

void require_checks(const fs::path& folder) {
  if (fs::is_regular_file(folder / "manifest.bzl")) return;
  throw UsageError("there is no manifest.bzl in " + folder.string() +
                   ": it says what is checked there; docs/instructors.md shows one");
}

// The digest makes Bazel look again when something in the folder has changed.
Bazel with_folder(Bazel bazel, const fs::path& folder) {
  bazel.options.push_back("--repo_env=KIT_CHECKS=" + fs::canonical(folder).string());
  bazel.options.push_back("--repo_env=KIT_CHECKS_DIGEST=" + digest_of_path(folder));
  return bazel;
}

fs::path build_manifest(const Bazel& bazel, const fs::path& folder, SignalWatch& signals) {
  fs::path file;
  BuildHooks hooks;
  hooks.on_target = [&](const TargetOutcome& outcome) {
    if (outcome.label == kManifest && outcome.is_built) file = outcome.files.at(0);
  };
  const BuildResult result = build(bazel, {kManifest}, signals, hooks);
  if (file.empty()) {
    throw GraderError("the checks in " + folder.string() + " cannot be used:\n" + result.log);
  }
  return file;
}

}  // namespace

Checks chosen_checks(const Options& options, const Bazel& bazel, const Manifest& lab,
                     SignalWatch& signals) {
  if (options.checks.empty()) return {bazel, lab};
  const fs::path folder = path_of_person(options.checks);
  require_checks(folder);
  Checks checks{with_folder(bazel, folder), {}};
  checks.manifest = read_manifest(build_manifest(checks.bazel, folder, signals));
  if (checks.manifest.lab != lab.lab) {
    throw UsageError("the checks in " + folder.string() + " are for the lab " +
                     checks.manifest.lab + ", not for " + lab.lab);
  }
  checks.manifest.own_checks = folder;
  return checks;
}

}  // namespace kit::grade
