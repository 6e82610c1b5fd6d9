#!/usr/bin/python3 -B
"""A hidden check's source is nowhere in what a student is told by it."""

import glob
import json
import pathlib
import sys


def code_lines(path):
    """Lines with calls and declarations; what is quoted in them is for the student anyway."""
    lines = [line.strip() for line in path.read_text().splitlines()]
    return [line for line in lines if len(line) > 12 and '"' not in line and not line.startswith("//")]


def main():
    findings = pathlib.Path(sys.argv[1])
    sources = [pathlib.Path(name) for name in glob.glob("grader/toy/own_checks/*.cc")]
    checks = [finding["check"] for finding in json.loads(findings.read_text())["findings"]]
    if "Hidden.CountsFar" not in checks or not sources:
        sys.exit(f"there is no hidden check in {checks}, or no source in {sources}")
    told = findings.read_text()
    leaked = [line for path in sources for line in code_lines(path) + [path.name] if line in told]
    if leaked:
        sys.exit("the report has what a student must not see:\n" + "\n".join(leaked))


if __name__ == "__main__":
    main()
