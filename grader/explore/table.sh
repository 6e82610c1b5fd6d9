#!/bin/bash
# How soon each mistake of the corpus is found: by each strategy of the explorer (the number of the first
# schedule that fails, of at most 2,000), and in how many of how many runs by other means.
#
# bazel run //grader/explore:table [-- NAME...]     prints a Markdown table
#
# It takes about ten minutes on a quiet machine, and no program more than half a minute: where runs hang,
# fewer of them are made.
set -u
cd "$(dirname "$0")/grader/explore" 2>/dev/null || cd "$(dirname "$0")"

readonly schedules=2000
readonly limit=2s # a plain run that takes longer hangs

first_schedule() { # STRATEGY PROGRAM
  local options=(--quiet --no-shrink --schedules "$schedules")
  [[ $1 != mix ]] && options+=(--strategy "$1")
  [[ $2 == *robust_owner* ]] && options+=(--deaths)
  local found
  found=$(./explore "${options[@]}" "$2" | sed -n 's/.* in schedule \([0-9]*\) .*/\1/p')
  echo "${found:--}"
}

failures() { # TIMES COMMAND...
  local times=$1 failed=0
  shift
  for ((run = 0; run < times; ++run)); do
    timeout -k 1s "$limit" "$@" >/dev/null 2>&1 || ((++failed))
    # A hang takes its time; that there is one is all that is asked.
    ((SECONDS - began > 8)) && times=$((run + 1))
  done
  echo "$failed/$times"
}

names=("$@")
if ((${#names[@]} == 0)); then
  for program in *_bug; do names+=("${program%_bug}"); done
fi

echo "| program | mix | POS | SURW | PCT(3) | random | plain | TSan | Helgrind |"
echo "|---|---|---|---|---|---|---|---|---|"
for name in "${names[@]}"; do
  row="| $name"
  for strategy in mix pos surw pct random; do row+=" | $(first_schedule "$strategy" "./${name}_bug")"; done
  began=$SECONDS
  row+=" | $(failures 200 "./${name}_bug_program")"
  began=$SECONDS
  row+=" | $(failures 20 setarch -R "./${name}_bug_tsan")"
  began=$SECONDS
  row+=" | $(failures 10 valgrind --tool=helgrind --error-exitcode=99 -q "./${name}_bug_program")"
  echo "$row |"
done
