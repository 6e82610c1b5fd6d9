"""Calls of Bazel from the kit's own scripts, in the one way that all of them use."""

import os
import subprocess
import sys


def output_of(*args):
    """What a Bazel command prints; its complaints go to the terminal, and its failure ends the script.

    The environment's BAZEL names the program where it is not called bazel (Bazelisk, say).
    """
    command = [os.environ.get("BAZEL", "bazel"), *args]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command[:2])} failed with exit status {done.returncode}")
    return done.stdout
