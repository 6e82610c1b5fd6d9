"""The targets of an instructor's own checks, in the repository @hidden_checks (hidden_checks.bzl)."""

load("//grader/bazel:cxx.bzl", "COPTS")
load("//grader/bazel:lab.bzl", "check_sources", "manifest_json", "step_driver", "subject_runs")
load("@lab_index//:solved.bzl", "SOLVED")

def own_checks(manifest):
    """Drivers, the runs on the student's lab and on the solution, and the manifest as JSON.

    A submission's runs are in its own package, as ever, and use these drivers.

    Args:
      manifest: of with_checks().
    """
    native.cc_library(
        name = "own",
        testonly = True,
        srcs = native.glob(["*.cc"], exclude = ["*_test.cc", "*_probe.cc"]),
        hdrs = native.glob(["*.h"]),
        copts = COPTS,
        includes = ["."],
        deps = ["@ipc_lab_kit//grader/%s:common" % manifest["lab"]],
    )
    for step in manifest["steps"]:
        if step["driver"]:
            step_driver(step, check_sources(step) + step["driver_sources"], [":own"])
    native.exports_files(native.glob(["*_probe.cc"]))
    subject_runs(manifest, "lab", "//" + manifest["lab_package"], manifest["lab_package"])
    if manifest["lab"] in SOLVED:
        package = manifest["solution_package"]
        subject_runs(manifest, "solution", "//" + package, package)
    manifest_json(manifest)
