#!/bin/sh
# Stands in for Bazel in program_test: does nothing but say what the files in $FAKE_BAZEL_DIR hold.
#
#   events     appended to the build event stream     log     written to standard error
#   exit       the exit status                        hangs   when there, runs until it gets SIGINT
#
# It leaves its arguments in `arguments`, and the file `interrupted` when it was told to stop.
for argument; do
  case "$argument" in
    --build_event_json_file=*) stream=${argument#*=} ;;
  esac
done
# Before anything is said: who reads it may send the signal at once.
sleeper=
trap '[ -z "$sleeper" ] || kill "$sleeper"; touch "$FAKE_BAZEL_DIR/interrupted"; exit 8' INT
echo "$@" >> "$FAKE_BAZEL_DIR/arguments"
cat "$FAKE_BAZEL_DIR/log" >&2
cat "$FAKE_BAZEL_DIR/events" >> "$stream"
if [ -e "$FAKE_BAZEL_DIR/hangs" ]; then
  sleep 600 &
  sleeper=$!
  wait
fi
exit "$(cat "$FAKE_BAZEL_DIR/exit")"
