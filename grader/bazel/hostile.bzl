"""Tests with the kit's own hostile submissions: none of them gets a point that it has not earned.

grader/bazel/submissions.py says what their files look like.
"""

load("//grader/bazel:check_run.bzl", "verdict_test")

# The ones that each say something of their own; the rest takes minutes. `bazel test
# //grader/submissions/hostile:all_of_them` has all.
_ALWAYS = [
    "answers_from_a_table",
    "exit_0_in_a_function",
    "forged_results",
    "kills_everybody",
    "knows_the_public_checks",
    "reads_the_machine",
    "shared_memory_stays",
]

def hostile_tests(hostile):
    """A test for each that is built at all.

    Args:
      hostile: HOSTILE of @submissions//:hostile.bzl.
    """
    tests = []
    for name, header in hostile.items():
        if header.get("kind") == "refused":
            continue
        verdict_test(
            name = name,
            size = "small",
            runs = ["@submissions//%s/hostile_%s:submission_step%s_plain" % (header["lab"], name, header["step"])],
            verdict_args = [
                "--worthless=" + header["check"],
                "--as=" + header["status"],
                "--says=" + header["says"],
            ] + (["--earned=" + header["earned"]] if "earned" in header else []),
            tags = [] if name in _ALWAYS else ["manual"],
        )
        tests.append(name)
    native.test_suite(name = "all_of_them", tests = tests + ["refused_test", "refused_slow_test"], tags = ["manual"])
