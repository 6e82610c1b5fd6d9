#!/usr/bin/python3 -B
"""Holds the starters in labs/ in step with the solutions.

`bazel test //grader:drift` compares each labs/<lab> with what its solution's markers give.
`bazel run //grader:starters` writes them. A student's edits make the first fail, by design.
"""

import filecmp
import os
import pathlib
import shutil
import sys
import tempfile

import starter


def find_workspace():
    """The source tree: `bazel run` names it; a test finds it behind the links of its runfiles."""
    named = os.environ.get("BUILD_WORKSPACE_DIRECTORY")
    return pathlib.Path(named) if named else pathlib.Path("WORKSPACE").resolve().parent


def labs_of(workspace):
    """(solution, starter) of each lab that has a manifest."""
    for manifest in sorted(workspace.glob("grader/*/manifest.bzl")):
        folder = manifest.parent
        if (folder / "solution").is_dir():
            yield folder / "solution", folder / "lab"
        else:
            yield workspace / "solutions" / folder.name, workspace / "labs" / folder.name


def differences(expected, actual):
    """The files in which two folders differ, a line each."""
    names = {p.relative_to(root) for root in (expected, actual) for p in root.rglob("*") if p.is_file()}
    for name in sorted(names):
        if not (actual / name).is_file():
            yield f"{actual / name}: missing"
        elif not (expected / name).is_file():
            yield f"{actual / name}: no file of the solution's gives this one"
        elif not filecmp.cmp(expected / name, actual / name, shallow=False):
            yield f"{actual / name}: not what the solution's markers give"


def main():
    write = "--write" in sys.argv
    found = []
    for solution, lab in labs_of(find_workspace()):
        with tempfile.TemporaryDirectory() as folder:
            fresh = pathlib.Path(folder) / "lab"
            starter.generate(solution, fresh)
            if write:
                shutil.rmtree(lab, ignore_errors=True)
                shutil.copytree(fresh, lab)
                print(f"wrote {lab}")
            else:
                found += differences(fresh, lab)
    if found:
        sys.exit("\n".join(found + ["To write the starters anew: bazel run //grader:starters"]))


if __name__ == "__main__":
    main()
