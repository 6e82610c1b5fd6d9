"""Makes a lab's starter from its solution.

What a student is to write stands in the solution between two markers, with what the student is told
instead (`//~` in C++, `#~` in files with # comments):

    //~ begin step 1: What belongs here.
    //~   A further line of that comment.
    //~| return 0;
    ... the solution's code ...
    //~ end

which becomes

    // TODO(step 1): What belongs here.
    // A further line of that comment.
    return 0;

A file of the solution that no student needs has `//~ solution only` as its first line.
Usage: starter.py SOLUTION OUTPUT. Exit status 1, naming file and line, when the markers are wrong.
"""

import pathlib
import re
import sys

BEGIN = re.compile(r"^(\s*)(//|#)~ begin step (\d+): (.+)$")
MORE = re.compile(r"^\s*(?://|#)~ {2,}(\S.*)$")
INSTEAD = re.compile(r"^\s*(?://|#)~\| ?(.*)$")
END = re.compile(r"^\s*(?://|#)~ end$")
ANY = re.compile(r"^\s*(?://|#)~")
SOLUTION_ONLY = re.compile(r"^(?://|#)~ solution only$")


class MarkerError(Exception):
    """Markers that are nested, not ended, or not of the form above."""


def starter_of(text, name):
    """The starter's text for one file of the solution; None for a file that is the solution's only."""
    lines = text.split("\n")
    if SOLUTION_ONLY.match(lines[0]):
        return None
    out = []
    opened_at = 0  # the line of the hole that is open; 0 when none is
    in_comment = False  # between `begin` and the first line of code
    indent = comment = ""
    for number, line in enumerate(lines, 1):
        where = f"{name}:{number}"
        if begin := BEGIN.match(line):
            if opened_at:
                raise MarkerError(f"{where}: a hole within the hole of line {opened_at}")
            opened_at, in_comment = number, True
            indent, comment = begin[1], begin[2]
            out.append(f"{indent}{comment} TODO(step {begin[3]}): {begin[4]}")
        elif END.match(line):
            if not opened_at:
                raise MarkerError(f"{where}: an end without a beginning")
            opened_at = 0
        elif not ANY.match(line):
            in_comment = False
            if not opened_at:
                out.append(line)
        elif not (opened_at and in_comment):
            raise MarkerError(f"{where}: a marker that is neither beginning, end nor part of one: {line.strip()}")
        elif instead := INSTEAD.match(line):
            out.append((indent + instead[1]).rstrip())
        elif more := MORE.match(line):
            out.append(f"{indent}{comment} {more[1]}")
        else:
            raise MarkerError(f"{where}: not a marker: {line.strip()}")
        if out and ("//~" in out[-1] or "#~" in out[-1]):
            raise MarkerError(f"{where}: a marker would stay in the starter: {out[-1].strip()}")
    if opened_at:
        raise MarkerError(f"{name}:{opened_at}: a hole that is not ended")
    return "\n".join(out)


def generate(solution, output):
    """Writes the starter of the folder `solution` into the folder `output`."""
    for source in sorted(solution.rglob("*")):
        if not source.is_file():
            continue
        name = source.relative_to(solution)
        text = starter_of(source.read_text(), name)
        if text is None:
            continue
        target = output / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(source.stat().st_mode & 0o777)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: starter.py SOLUTION OUTPUT")
    try:
        generate(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
    except MarkerError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
