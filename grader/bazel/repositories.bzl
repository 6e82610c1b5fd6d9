"""Everything WORKSPACE needs, from what this machine has. Nothing is downloaded."""

load("//grader/bazel:machine.bzl", "machine")
load("//grader/bazel:stand_in.bzl", "stand_in")
load("//grader/bazel:lab_index.bzl", "lab_index")
load("//grader/bazel:subjects.bzl", "subjects")

def kit_repositories():
    """The repositories of the kit. Call it once, in WORKSPACE."""
    machine(name = "machine")
    lab_index(name = "lab_index")
    subjects(name = "subjects")

    # What Bazel itself asks for and would otherwise download. Bazel 7 brings its own of some of
    # these (see docs/bazel.md); a repository that is already there is left alone.
    for name in ["rules_cc", "rules_java", "rules_proto", "platforms", "bazel_skylib", "remote_coverage_tools"]:
        if not native.existing_rule(name):
            stand_in(name = name)
