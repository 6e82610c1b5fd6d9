#!/usr/bin/python3 -B
"""Measures how long the reference takes for each check, and writes it beside the lab's checks.

`bazel run //grader:calibrate -- LAB` runs the drivers on the solution, one after the other, and writes
grader/LAB/calibration.json (see grader/harness/calibration.h). Run it on an idle machine.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from bazel_command import output_of


def run_driver(root, config, output):
    """The findings of one step in one mode."""
    command = [config["driver"], "--config", config["path"], "--output", output]
    subprocess.run(command, cwd=root, check=True)
    return json.loads(pathlib.Path(output).read_text())["findings"]


def configs_of(root, bin_folder, lab):
    """What the drivers are told for the solution."""
    for path in sorted((bin_folder / "grader" / lab).glob("solution_step*.config.json")):
        yield {"path": str(path.relative_to(root)), **json.loads(path.read_text())}


def main():
    workspace = os.environ.get("BUILD_WORKSPACE_DIRECTORY")
    if not workspace or len(sys.argv) != 2:
        sys.exit("usage: bazel run //grader:calibrate -- LAB")
    os.chdir(workspace)
    lab = sys.argv[1]
    pattern = f"filter('solution_step.*_config$', //grader/{lab}:all)"
    output_of("build", "--noshow_progress", *output_of("query", "--noshow_progress", pattern).split())
    root = pathlib.Path(output_of("info", "execution_root").strip())
    bin_folder = pathlib.Path(output_of("info", "bazel-bin").strip())
    seconds = {}
    with tempfile.TemporaryDirectory() as folder:
        for config in configs_of(root, bin_folder, lab):
            print(f"step {config['step']}, {config['mode']}", flush=True)
            for finding in run_driver(root, config, f"{folder}/findings.json"):
                if finding["status"] != "passed":
                    sys.exit(f"the reference does not pass {finding['check']}: {finding}")
                seconds.setdefault(config["mode"], {})[finding["check"]] = round(finding["seconds"], 3)
            work = subprocess.run([config["driver"], "--measure"], cwd=root, check=True, capture_output=True)
    result = {"work_ms": float(work.stdout), "seconds": seconds}
    target = pathlib.Path("grader") / lab / "calibration.json"
    target.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")
    print(f"wrote {target}")


if __name__ == "__main__":
    main()
