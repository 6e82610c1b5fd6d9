#!/usr/bin/python3 -B
"""Whether the mode explore finds each mistake between threads, whatever the seed.

    bazel run //grader/ring_buffer_server:explored_mutants -- [--seeds 20] [NAME...]

A mutant takes part when its header names a `kind` (atomicity, order, wakeup, deadlock) and the check
that should find it, `explored`. Prints a table: of so many seeds, how many found it, and as what.
The exit status is 1 when one seed missed one mutant.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import subprocess
import sys

from bazel_command import output_of

LAB = "ring_buffer_server"
PACKAGE = f"//grader/{LAB}/mutants"


def header_of(patch):
    """The fields in front of a patch."""
    head = patch.read_text().partition("\n\n")[0]
    return dict(line.split(": ", 1) for line in head.split("\n"))


def explored_mutants(names):
    """Name, kind, step and check of each mutant that takes part."""
    for patch in sorted(pathlib.Path(f"grader/{LAB}/mutants").glob("*.patch")):
        header = header_of(patch)
        if "explored" in header and (not names or patch.stem in names):
            yield patch.stem, header["kind"], header["step"], header["explored"]


def status_with(root, config, check, seed):
    """The status that the check comes to with this seed."""
    command = [config["driver"], "--config", config["path"], "--check", check, "--seed", str(seed)]
    done = subprocess.run(command, cwd=root, check=False, stdout=subprocess.PIPE, text=True)
    found = re.search(rf"^{re.escape(check)}: (.+)$", done.stdout, re.MULTILINE)
    return found.group(1) if found else f"exit status {done.returncode}"


def main():
    """Builds the probes, runs every mutant with every seed, prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    os.chdir(os.environ["BUILD_WORKSPACE_DIRECTORY"])
    mutants = list(explored_mutants(options.names))
    runs = [f"{name}_step{step}_explore" for name, _, step, _ in mutants]
    output_of("build", "--noshow_progress", *[f"{PACKAGE}:{run}_config" for run in runs])
    root = pathlib.Path(output_of("info", "execution_root").strip())
    folder = pathlib.Path(output_of("info", "bazel-bin").strip()) / "grader" / LAB / "mutants"
    missed = False
    print(f"{'mutant':32} {'kind':10} {'check':38} found    as", flush=True)
    for (name, kind, _, check), run in zip(mutants, runs):
        path = folder / f"{run}.config.json"
        config = {"path": path, "driver": json.loads(path.read_text())["driver"]}
        found = collections.Counter(status_with(root, config, check, 1 + i) for i in range(options.seeds))
        count = options.seeds - found["passed"] - found["not_gradable"]
        missed |= count < options.seeds
        words = ", ".join(f"{n} {status}" for status, n in found.most_common())
        print(f"{name:32} {kind:10} {check:38} {count:2} of {options.seeds:2} {words}", flush=True)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
