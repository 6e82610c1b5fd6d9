"""Lays out submissions for the repository rule in submissions.bzl.

Usage: submissions.py WORKSPACE OUTPUT [ROOT [--own-checks]]. For each ROOT/<lab>/<name>/ there comes to be
OUTPUT/<lab>/<name>/: the lab's starter, the submission's files over it, and a BUILD file that also has
the runs of the checks.

The kit's own hostile submissions (grader/submissions/hostile/*.txt) are laid out in the same way, as
OUTPUT/<lab>/hostile_<name>/, and OUTPUT/hostile.bzl says what is known of them. Such a file is a header,
and then the submission's files:

    what: ends with status 0 when it is called
    lab: toy
    step: 1
    check: Counter.CountsUp
    status: failed
    says: the program ended with exit status 0
    --- counter.cc
    ...

(`kind: refused` is one that the compiler's box does not build; `earned` names the checks that it passes
by rights; `checks: own` is graded with the checks of @hidden_checks.)

Each solution that is here is laid out as if it were handed in, as OUTPUT/<lab>/reference/.
"""

import pathlib
import re
import shutil
import sys

import starter

RUNS = """
load("@ipc_lab_kit//grader/bazel:lab.bzl", "submission_runs")
load("{manifest}", "MANIFEST")

submission_runs(MANIFEST, "{name}")
"""

LABS = "@ipc_lab_kit//grader/{lab}:manifest.bzl"
OWN = "@hidden_checks//:manifest.bzl"

FILE = re.compile(r"^--- (\S+)$", re.MULTILINE)


def write_starter(workspace, lab, output):
    """The lab as a student begins it: from the solution; where there is none, as it was handed out."""
    for solution in workspace / "solutions" / lab, workspace / "grader" / lab / "solution":
        if solution.is_dir():
            starter.generate(solution, output)
            return
    handed_out = workspace / "labs" / lab
    shutil.copytree(handed_out if handed_out.is_dir() else workspace / "grader" / lab / "lab", output)


def lay_out(workspace, lab, files, output, manifest=LABS):
    """Makes the package of one submission. `files`: name to contents."""
    write_starter(workspace, lab, output)
    for name, contents in files.items():
        if name == "BUILD" or "/" in name:
            sys.exit(f"{output.name}: no file of a lab is called {name}")
        (output / name).write_bytes(contents)
    with (output / "BUILD").open("a") as build:
        build.write(RUNS.format(manifest=manifest.format(lab=lab), name=output.name))


def lay_out_all(workspace, root, output, manifest):
    """Those that the program has taken in."""
    for submission in sorted(root.glob("*/*/")):
        files = {f.name: f.read_bytes() for f in sorted(submission.iterdir()) if not f.is_symlink()}
        lab = submission.parent.name
        lay_out(workspace, lab, files, output / lab / submission.name, manifest)


def read_hostile(path):
    """The header and the files of one hostile submission."""
    head, *rest = FILE.split(path.read_text())
    header = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    return header, {name: text.lstrip("\n").encode() for name, text in zip(rest[::2], rest[1::2])}


def lay_out_hostile(workspace, output):
    """The kit's own; nothing where they were not handed out."""
    known = {}
    for path in sorted((workspace / "grader/submissions/hostile").glob("*.txt")):
        header, files = read_hostile(path)
        known[path.stem] = header
        if header.get("kind") != "refused":
            manifest = OWN if header.get("checks") == "own" else LABS
            lay_out(workspace, header["lab"], files, output / header["lab"] / f"hostile_{path.stem}", manifest)
    # A dict's repr is Starlark, too.
    (output / "hostile.bzl").write_text(f"HOSTILE = {known!r}\n")


def lay_out_reference(workspace, solution, output):
    """The files of a solution in which a student has something to do."""
    files = {}
    for path in sorted(f for f in solution.iterdir() if f.is_file() and f.name != "BUILD"):
        if starter.starter_of(path.read_text(), path.name) not in (None, path.read_text()):
            files[path.name] = path.read_bytes()
    lay_out(workspace, solution.name, files, output)


def main():
    workspace, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    for folder in output.iterdir():
        if folder.is_dir():
            shutil.rmtree(folder)
    lay_out_hostile(workspace, output)
    for solution in workspace.glob("solutions/*/"):
        lay_out_reference(workspace, solution, output / solution.name / "reference")
    if len(sys.argv) > 3:
        has_own_checks = "--own-checks" in sys.argv[4:]
        lay_out_all(workspace, pathlib.Path(sys.argv[3]), output, OWN if has_own_checks else LABS)


if __name__ == "__main__":
    main()
