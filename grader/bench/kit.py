#!/usr/bin/python3
"""The kit's own figures: how long a student waits for an answer, and what grading costs.

`bazel run //grader/bench -- kit [LAB]` copies the workspace into a temporary folder and lets a Bazel of
its own work there, so that nobody's edits and nobody's cache are touched. It takes some minutes and
prints seconds; nothing passes or fails by them.

A save is an edit that changes the object code: for one that does not (a comment at the end of a
file) Bazel finds the answer in its cache, and that is not what a student waits for.
"""

import argparse
import contextlib
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

PATIENCE_S = 600  # for one thing that is waited for
MUTANTS = 4  # so many are built and judged together, and the time is shared out


class Kit:
    """A copy of the workspace with a Bazel of its own."""

    def __init__(self, workspace, folder, is_cached=False):
        self.root = folder / "kit"
        # The grader calls Bazel with this option, too. With any other Bazel would start anew each time.
        self._bazel = [os.environ.get("BAZEL", "bazel"), f"--output_base={folder / 'base'}"]
        shutil.copytree(workspace, self.root, ignore=shutil.ignore_patterns(".git", ".cache", "bazel-*"))
        if is_cached:
            return
        with (self.root / ".bazelrc").open("a") as stream:
            stream.write("\nbuild --disk_cache= --remote_cache=\n")  # what was built elsewhere is no help

    def command(self, *args):
        """A command line of this copy's Bazel."""
        return [*self._bazel, *args]

    def run(self, *args, statuses=(0,)):
        """Runs Bazel to its end. Its output, and the seconds that took."""
        start = time.monotonic()
        done = subprocess.run(self.command(*args), cwd=self.root, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE_S)
        if done.returncode not in statuses:
            sys.exit(f"bazel {' '.join(args)}: exit status {done.returncode}\n{done.stderr[-4000:]}")
        return done.stdout, time.monotonic() - start

    def labels(self, pattern, package):
        """The targets of a package that match."""
        return self.run("query", f"filter('{pattern}', {package}:all)")[0].split()

    def close(self):
        """Ends Bazel's server."""
        subprocess.run(self.command("shutdown"), cwd=self.root, check=False, capture_output=True)


class Watch:
    """`bazel run //grader -- watch LAB`, line by line, with the time each line came."""

    def __init__(self, kit, lab):
        self._lines = queue.Queue()
        self._process = subprocess.Popen(
            kit.command("run", "//grader", "--", "watch", lab), cwd=kit.root, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self._process.stdout:
            self._lines.put((time.monotonic(), line))
        self._lines.put((time.monotonic(), None))

    def wait_for(self, pattern):
        """When a line came that matches."""
        while True:
            try:
                moment, line = self._lines.get(timeout=PATIENCE_S)
            except queue.Empty:
                sys.exit(f"watch did not say '{pattern}' within {PATIENCE_S} s")
            if line is None:
                sys.exit(f"watch ended and did not say '{pattern}'")
            if re.search(pattern, line):
                return moment

    def close(self):
        """Ctrl-C."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(timeout=60)


class Edits:
    """Saves of one file of the lab, each of which changes what is compiled."""

    def __init__(self, path):
        self._path = path
        self._text = path.read_text()
        self._count = 0

    def save(self):
        """When the file was written."""
        self._count += 1
        self._path.write_text(f"{self._text}\nint bench_edit() {{ return {self._count}; }}\n")
        return time.monotonic()


def show(what, seconds, note=""):
    """One line of the table."""
    print(f"{what:<62}{seconds:8.1f} s  {note}".rstrip(), flush=True)


def patches_of(kit, lab):
    """The lab's mutants: the name and the header of each."""
    for path in sorted((kit.root / "grader" / lab / "mutants").glob("*.patch")):
        yield path, dict(re.findall(r"^(\w+): (.*)$", path.read_text().split("\n--- ")[0], re.M))


def first_step_bug(kit, lab):
    """A mutant that the first step's first mode catches, and the file that it changes."""
    wanted = {"step": "1", "mode": "plain", "status": "failed"}
    for path, header in patches_of(kit, lab):
        changed = re.findall(r"^\+\+\+ b/(\S+\.cc)$", path.read_text(), re.M)
        if wanted.items() <= header.items() and changed:
            return path, changed[0]
    sys.exit(f"{lab} has no mutant whose first step fails in plain mode")


def measure_grade(kit, lab):
    """The kit's first build, and the whole grade of the reference."""
    drivers = kit.labels("step[0-9]+_driver$", f"//grader/{lab}")
    harness = ["//grader/harness:verdict", "//grader/harness:probe"]
    show("the kit's own programs, built once", kit.run("build", "//grader", *drivers, *harness)[1])
    grade = ["run", "//grader", "--", "grade", lab, "--subject", f"//solutions/{lab}", "--format", "json"]
    for what in ["full grade of the reference, its code not yet built", "the same again, nothing changed"]:
        output, seconds = kit.run(*grade)
        result = json.loads(output[output.index("{"):])
        show(what, seconds, f"{result['score']:g} of {result['max_score']:g} points")


def measure_mutants(kit, lab):
    """The price of a mutant: compiled, run, judged."""
    names = [path.stem for path, _ in patches_of(kit, lab)]
    chosen = names[:: max(1, len(names) // MUTANTS)][:MUTANTS]
    show(f"all {len(names)} mutants laid out as packages", kit.run("query", f"//grader/{lab}/mutants:all")[1])
    tests = [f"//grader/{lab}/mutants:{name}" for name in chosen]
    seconds = kit.run("test", *tests, statuses=(0, 3))[1]  # 3: one is not caught; the kit's tests tell of it
    show("one mutant", seconds / len(chosen), f"{len(chosen)} together: {', '.join(chosen)}")


def solve(kit, lab):
    """Makes the lab what a student has who is done."""
    shutil.copytree(kit.root / "solutions" / lab, kit.root / "labs" / lab, dirs_exist_ok=True)


def measure_first_failure(kit, lab, rounds):
    """From a save to the first failed check."""
    solve(kit, lab)
    patch, changed = first_step_bug(kit, lab)
    with patch.open() as stream:
        subprocess.run(["patch", "-p1", "--quiet"], cwd=kit.root / "labs" / lab, stdin=stream, check=True)
    edits = Edits(kit.root / "labs" / lab / changed)
    with contextlib.closing(Watch(kit, lab)) as watch:
        watch.wait_for("^Waiting for a save")
        firsts = []
        for _ in range(rounds):
            saved = edits.save()
            firsts.append(watch.wait_for(r"step 1 \w+: \d+ of \d+ passed, ") - saved)
            watch.wait_for("^Waiting for a save")
    show("watch: from a save to the first failed check", statistics.median(firsts), f"bug: {patch.stem}")
    return changed


def measure_step(kit, lab, changed, rounds):
    """From a save to the verdict of the step, which passes: the longest way, through every mode."""
    solve(kit, lab)
    edits = Edits(kit.root / "labs" / lab / changed)
    step = ["run", "//grader", "--", "grade", lab, "--step", "1"]
    kit.run(*step)
    times = []
    for _ in range(rounds):
        edits.save()
        times.append(kit.run(*step)[1])
    show("grade --step 1: from a save to the verdict of every mode", statistics.median(times), "all pass")


def measure(kit, arguments):
    """All figures, as they come."""
    measure_grade(kit, arguments.lab)
    changed = measure_first_failure(kit, arguments.lab, arguments.rounds)
    measure_step(kit, arguments.lab, changed, arguments.rounds)
    measure_mutants(kit, arguments.lab)


def main():
    parser = argparse.ArgumentParser(prog="bazel run //grader/bench -- kit", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lab", nargs="?", default="ring_buffer_server")
    parser.add_argument("--rounds", type=int, default=3, help="saves of each kind (the median counts)")
    arguments = parser.parse_args()
    workspace = os.environ.get("BUILD_WORKSPACE_DIRECTORY")
    if not workspace:
        sys.exit("usage: bazel run //grader/bench -- kit")
    with tempfile.TemporaryDirectory(prefix="kit-bench-") as name:
        try:
            with contextlib.closing(Kit(pathlib.Path(workspace), pathlib.Path(name))) as kit:
                measure(kit, arguments)
        finally:
            # Bazel takes the right to write from its folders, and without it nothing can be removed.
            subprocess.run(["chmod", "-R", "u+w", name], check=False, capture_output=True)


if __name__ == "__main__":
    main()
