#!/usr/bin/python3 -B
"""What one more submission of a class costs: CPU seconds and wall time, lab by lab.

`bazel run //grader/bench -- class [LAB...]` copies the workspace into a temporary folder and lets a
Bazel of its own work there. For each lab a class of one is graded first, which builds the checks; then
a second student comes, whose every source file is one that nobody has compiled before, and that is what
is measured; then `class` once more, with nothing new. It takes a while and prints seconds; nothing passes
or fails by them.

CPU seconds are those of Bazel's server and of all that it started and waited for.
"""

import argparse
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import kit

kit.PATIENCE_S = 3600  # the first class of a lab builds all of its checks
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


class Meter:
    """CPU seconds of a Bazel server with its descendants, and of the commands that we started."""

    def __init__(self, bench_kit):
        self._pid = int(bench_kit.run("info", "server_pid")[0])

    def read(self):
        """utime, stime, cutime and cstime are fields 14 to 17 of proc(5); field 2 may hold spaces."""
        fields = pathlib.Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        own = os.times()
        return sum(map(int, fields[11:15])) / TICKS_A_SECOND + own.children_user + own.children_system


def labs_of(bench_kit):
    """The manifests of the labs that students see."""
    manifests = []
    for path in sorted((bench_kit.root / "grader").glob("*/manifest.bzl")):
        lab = path.parent.name
        if (bench_kit.root / "solutions" / lab).is_dir():
            bench_kit.run("build", f"//grader/{lab}:manifest")
            text = (bench_kit.root / "bazel-bin" / "grader" / lab / "manifest.json").read_text()
            manifests.append(json.loads(text))
    return manifests


def hand_in(bench_kit, manifest, folder):
    """The reference's files, each changed so that no object file is one that any cache has."""
    folder.mkdir(parents=True)
    number = time.time_ns() % 10**9
    for name in {name for step in manifest["steps"] for name in step["files"]}:
        text = (bench_kit.root / manifest["solution_package"] / name).read_text()
        if name.endswith(".cc"):
            word = name.removesuffix(".cc")
            text += f"\nint {word}_of_student() {{ return {number}; }}\n"
        (folder / name).write_text(text)


def grade_class(bench_kit, meter, lab, folder):
    """One run of `class`: CPU seconds and wall time."""
    cpu, start = meter.read(), time.monotonic()
    # 3: something could not be judged; the kit's tests tell of it
    bench_kit.run("run", "//grader", "--", "class", lab, str(folder), statuses=(0, 3))
    return meter.read() - cpu, time.monotonic() - start


def measure(bench_kit, manifest, folder):
    """A line of the table."""
    lab = manifest["lab"]
    meter = Meter(bench_kit)
    hand_in(bench_kit, manifest, folder / "first")
    grade_class(bench_kit, meter, lab, folder)
    hand_in(bench_kit, manifest, folder / "second")
    cpu_s, wall_s = grade_class(bench_kit, meter, lab, folder)
    again_cpu_s, again_wall_s = grade_class(bench_kit, meter, lab, folder)
    print(f"{lab:<24}{cpu_s:10.1f} s{wall_s:10.1f} s{again_cpu_s:12.1f} s{again_wall_s:10.1f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="bazel run //grader/bench -- class", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labs", nargs="*", help="all, when none is named")
    arguments = parser.parse_args()
    workspace = os.environ.get("BUILD_WORKSPACE_DIRECTORY")
    if not workspace:
        sys.exit("usage: bazel run //grader/bench -- class")
    with tempfile.TemporaryDirectory(prefix="kit-bench-") as name:
        folder = pathlib.Path(name)
        try:
            with contextlib.closing(kit.Kit(pathlib.Path(workspace), folder, is_cached=True)) as bench_kit:
                print(f"{'one more submission':<24}{'CPU':>12}{'wall':>12}{'again: CPU':>14}{'wall':>12}")
                for manifest in labs_of(bench_kit):
                    if not arguments.labs or manifest["lab"] in arguments.labs:
                        measure(bench_kit, manifest, folder / "classes" / manifest["lab"])
        finally:
            # Bazel takes the right to write from its folders, and without it nothing can be removed.
            subprocess.run(["chmod", "-R", "u+w", name], check=False, capture_output=True)


if __name__ == "__main__":
    main()
