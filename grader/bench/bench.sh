#!/bin/sh
# bazel run //grader/bench -- NAME [options]: one program a lab, and one for the kit itself.
#
# Bazel starts this in the folder of the runfiles.
here=grader/bench
name=$1
if [ -z "$name" ] || [ ! -x "$here/bench_$name" ]; then
  {
    echo "usage: bazel run //grader/bench -- NAME [options]      (--help tells them)"
    echo "names:"
    for program in "$here"/bench_*; do echo "  ${program#"$here"/bench_}"; done
  } >&2
  exit 2
fi
shift
exec "$here/bench_$name" "$@"
