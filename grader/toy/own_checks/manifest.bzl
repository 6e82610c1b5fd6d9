"""An instructor's own checks: the example of docs/instructors.md. The grader's tests use them, too."""

load("@ipc_lab_kit//grader/bazel:rubric.bzl", "check", "step", "with_checks")
load("@ipc_lab_kit//grader/toy:manifest.bzl", TOY = "MANIFEST")

MANIFEST = with_checks(TOY, steps = [
    # Goes behind the checks that the lab has for this step. One of those counts more than it did.
    step(
        number = 1,
        checks = [
            check("Counter.CountsUp", plain = 3, asan = 1, memcheck = 1),
            check("Hidden.CountsFar", plain = 2, asan = 1, needs = ["Counter.CountsUp"]),
        ],
    ),
    # A step of its own, with a probe of its own.
    step(
        number = 3,
        title = "Two counters",
        files = ["counter.h", "counter.cc"],
        probes = {"pair_probe": ["counter"]},
        checks = [check("Hidden.CountersAreApart", plain = 2)],
    ),
])
