"""Lays out the subjects of one lab for the repository rule in subjects.bzl.

Usage: subjects.py LAB SOLUTION MUTANTS OUTPUT. Writes OUTPUT/LAB/starter, OUTPUT/LAB/<mutant> for each
MUTANTS/<mutant>.patch, and OUTPUT/LAB.bzl, which says what the patches' headers say:

    what: the lock is not held while the sequence number is taken
    step: 1
    check: RingBuffer.GivesEachNumberOnce
    mode: tsan
    status: raced
    also: RingBuffer.KeepsTheNewest

(`also`, which may be left out, names checks that the same mistake fails too.) A patch that does not
apply, or a header that is incomplete, is recorded as that mutant's error: it turns its own test red
and no other.
"""

import pathlib
import shutil
import subprocess
import sys

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


def make_mutant(patch, solution, output):
    """Copies the solution and applies the patch. Returns the header, or {"error": ...}."""
    try:
        header = header_of(patch)
    except ValueError as error:
        return {"error": str(error)}
    shutil.copytree(solution, output)
    done = subprocess.run(
        ["patch", "--strip=1", "--fuzz=0", "--no-backup-if-mismatch", "--directory", output],
        stdin=patch.open(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return {"error": f"{patch.name} does not apply to the solution:\n{done.stdout}{done.stderr}"}
    return header


def main():
    lab, solution, mutants, output = sys.argv[1], *map(pathlib.Path, sys.argv[2:])
    shutil.rmtree(output / lab, ignore_errors=True)
    found = {}
    for patch in sorted(mutants.glob("*.patch")):
        found[patch.stem] = make_mutant(patch, solution, output / lab / patch.stem)
    try:
        starter.generate(solution, output / lab / "starter")
    except starter.MarkerError as error:
        sys.exit(str(error))
    # A dict's repr is Starlark, too.
    (output / f"{lab}.bzl").write_text(f"MUTANTS = {found!r}\n")


if __name__ == "__main__":
    main()
