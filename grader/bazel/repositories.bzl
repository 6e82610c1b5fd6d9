"""Everything WORKSPACE needs, from what this machine has. Nothing is downloaded."""

load("//grader/bazel:hidden_checks.bzl", "hidden_checks")
load("//grader/bazel:machine.bzl", "machine")
load("//grader/bazel:lab_index.bzl", "lab_index")
load("//grader/bazel:subjects.bzl", "subjects")
load("//grader/bazel:submissions.bzl", "submissions")

def kit_repositories():
    """The repositories of the kit. Call it once, in WORKSPACE."""
    machine(name = "machine")
    lab_index(name = "lab_index")
    subjects(name = "subjects")
    submissions(name = "submissions")
    hidden_checks(name = "hidden_checks")
