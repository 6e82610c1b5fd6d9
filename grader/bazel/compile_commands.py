#!/usr/bin/python3 -B
"""Writes compile_commands.json into the workspace, for clangd and editors that use it.

Run it as `bazel run //grader:compile_commands`. Source: https://clang.llvm.org/docs/JSONCompilationDatabase.html
"""

import json
import os
import pathlib
import sys

from bazel_command import output_of

# What is compiled for a person to read: not the mutants, and in one mode.
TARGETS = "//labs/... + //solutions/... + //grader/harness/... + //grader/grade/..."


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
    graph = json.loads(output_of("aquery", "--output=jsonproto", query))
    root = output_of("info", "execution_root").strip()
    by_file = {e["file"]: e for e in entries(graph["actions"], root, pathlib.Path(workspace))}
    target = pathlib.Path(workspace) / "compile_commands.json"
    target.write_text(json.dumps(list(by_file.values()), indent=1) + "\n")
    print(f"wrote {target}: {len(by_file)} files")


if __name__ == "__main__":
    main()
