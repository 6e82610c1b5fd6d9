"""A toy lab: the grader's own proving ground, and the proof that a lab is only its folders."""

load("//grader/bazel:rubric.bzl", "check", "manifest", "step")

MANIFEST = manifest(
    lab = "toy",
    title = "Toy",
    internal = True,
    lab_package = "grader/toy/lab",
    solution_package = "grader/toy/solution",
    page = "grader/toy/README.md",
    steps = [
        step(
            number = 1,
            title = "A counter",
            files = ["counter.h", "counter.cc"],
            probes = {"counter_probe": ["counter"]},
            checks = [
                check("Counter.CountsUp", plain = 2, asan = 1, memcheck = 1),
                check("Counter.LosesNothing", plain = 1, tsan = 1, stress = 1, needs = ["Counter.CountsUp"]),
            ],
        ),
        step(
            number = 2,
            title = "An echo server",
            files = ["echo.cc"],
            programs = ["echo"],
            checks = [
                check("Echo.SendsBackALine", plain = 2, asan = 1, tsan = 1, memcheck = 1),
                check("Echo.OutlivesAClient", plain = 1, needs = ["Echo.SendsBackALine"]),
                check("Echo.EndsOnSigterm", plain = 1, needs = ["Echo.SendsBackALine"]),
            ],
        ),
    ],
)
