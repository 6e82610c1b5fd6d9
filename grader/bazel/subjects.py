"""Lays out the subjects of one lab for the repository rule in subjects.bzl.

Usage: subjects.py WORKSPACE LAB PACKAGE OUTPUT, where PACKAGE is the solution's. Writes
OUTPUT/LAB/starter, OUTPUT/LAB/<mutant> for each grader/LAB/mutants/<mutant>.patch, and OUTPUT/LAB.bzl,
which says what the patches' headers say, and which targets a patch can change:

    what: the lock is not held while the sequence number is taken
    step: 1
    check: RingBuffer.GivesEachNumberOnce
    mode: tsan
    status: raced
    also: RingBuffer.KeepsTheNewest

(`also`, which may be left out, names checks that the same mistake fails too, or is `*` where luck
decides which ones do; `golden: none` says that what the student sees depends on luck, and is not kept;
`run: on demand` keeps a mutant that is much like another one out of `bazel test //...`.) A patch that
does not apply, or a header that is incomplete, is recorded as that mutant's error: it turns its own
test red and no other.
"""

import pathlib
import shutil
import subprocess
import sys

import sharing
import starter

REQUIRED = ("what", "step", "check", "mode", "status")


def header_of(patch):
    """The fields in front of a patch. Raises ValueError, naming the field."""
    fields = {}
    for line in patch.read_text().split("\n"):
        if line.startswith(("--- ", "diff ")):
            break
        key, colon, value = line.partition(":")
        if colon and key.isalpha():
            fields[key] = value.strip()
    missing = [key for key in REQUIRED if not fields.get(key)]
    if missing:
        raise ValueError(f"{patch.name}: the header lacks {', '.join(missing)}")
    if not fields["step"].isdigit():
        raise ValueError(f"{patch.name}: step is no number: {fields['step']}")
    fields["step"] = int(fields["step"])
    return fields


def share(solution, mutant, solution_label):
    """Makes what the patch left as it was the solution's; returns the other targets' names."""
    changed = [f.name for f in mutant.iterdir() if not is_same(f, solution / f.name)]
    build = (mutant / "BUILD").read_text()
    affected = sharing.affected_targets(build, changed)
    (mutant / "BUILD").write_text(sharing.share_the_rest(build, affected, solution_label))
    return sorted(affected)


def is_same(a, b):
    """Whether two files exist and say the same."""
    return b.is_file() and a.read_bytes() == b.read_bytes()


def make_mutant(patch, solution, output, solution_label):
    """Copies the solution and applies the patch. Returns the header, or {"error": ...}."""
    try:
        header = header_of(patch)
    except ValueError as error:
        return {"error": str(error)}
    shutil.copytree(solution, output)
    done = subprocess.run(
        ["patch", "--strip=1", "--fuzz=0", "--no-backup-if-mismatch", "--directory", output],
        input=patch.read_text(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return {"error": f"{patch.name} does not apply to the solution:\n{done.stdout}{done.stderr}"}
    return {**header, "affected": share(solution, output, solution_label)}


def main():
    workspace, lab, package, output = pathlib.Path(sys.argv[1]), *sys.argv[2:4], pathlib.Path(sys.argv[4])
    solution = workspace / package
    shutil.rmtree(output / lab, ignore_errors=True)
    found = {}
    for patch in sorted((workspace / "grader" / lab / "mutants").glob("*.patch")):
        found[patch.stem] = make_mutant(patch, solution, output / lab / patch.stem, f"@ipc_lab_kit//{package}")
    try:
        starter.generate(solution, output / lab / "starter")
    except starter.MarkerError as error:
        sys.exit(str(error))
    # A dict's repr is Starlark, too.
    (output / f"{lab}.bzl").write_text(f"MUTANTS = {found!r}\n")


if __name__ == "__main__":
    main()
