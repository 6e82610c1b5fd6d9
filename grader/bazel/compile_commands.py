#!/usr/bin/python3
"""Writes compile_commands.json into the workspace, for clangd and editors that use it.

Run it as `bazel run //grader:compile_commands`. Source: https://clang.llvm.org/docs/JSONCompilationDatabase.html
"""

import json
import os
import pathlib
import subprocess
import sys

# What is compiled for a person to read: not the mutants, and in one mode.
TARGETS = "//labs/... + //solutions/... + //grader/harness/... + //grader/grade/..."


def bazel(*args):
    """The output of a Bazel command; its complaints go to the terminal."""
    done = subprocess.run(["bazel", *args], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"bazel {args[0]} failed with exit status {done.returncode}")
    return done.stdout


def entries(actions, root, workspace):
    """One entry for each source file, with the arguments of its compilation."""
    for action in actions:
        arguments = action["arguments"]
        if "-c" not in arguments:
            continue
        source = arguments[arguments.index("-c") + 1]
        if not (workspace / source).is_file():
            continue
        yield {"directory": root, "file": str(workspace / source), "arguments": arguments}


def main():
    workspace = os.environ.get("BUILD_WORKSPACE_DIRECTORY")
    if not workspace:
        sys.exit("run me as: bazel run //grader:compile_commands")
    os.chdir(workspace)
    query = f'mnemonic("CppCompile", {TARGETS})'
    graph = json.loads(bazel("aquery", "--output=jsonproto", query))
    root = bazel("info", "execution_root").strip()
    by_file = {e["file"]: e for e in entries(graph["actions"], root, pathlib.Path(workspace))}
    target = pathlib.Path(workspace) / "compile_commands.json"
    target.write_text(json.dumps(list(by_file.values()), indent=1) + "\n")
    print(f"wrote {target}: {len(by_file)} files")


if __name__ == "__main__":
    main()
