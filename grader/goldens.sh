#!/bin/bash
# Writes the golden files of a lab: for each mutant, and each step of the untouched starter, what the
# student would see. Read the difference before you commit it.
#
#     bazel run //grader:goldens -- LAB [NAME...]      NAME: a mutant, or starter_step1
#
# Mutants whose finding is not the one that their header names are told, and written all the same. A
# patch whose header says `golden: none` has none, because what the student sees depends on luck.
set -euo pipefail

lab=${1:?usage: bazel run //grader:goldens -- LAB [NAME...]}
shift
bazel=${BAZEL:-bazel}
cd "${BUILD_WORKSPACE_DIRECTORY:?run it with bazel run}"
package=grader/$lab/mutants

targets=()
for name in "$@"; do
  case $name in
    starter_step*) targets+=("//$package:${name}_fails_as_intended") ;;
    *) targets+=("//$package:$name") ;;
  esac
done
if [[ ${#targets[@]} == 0 ]]; then
  mapfile -t targets < <("$bazel" query --noshow_progress "kind(verdict_test, //$package:all)")
fi

"$bazel" build --noshow_progress --keep_going "${targets[@]}"
bin=$("$bazel" info bazel-bin)
status=0
for target in "${targets[@]}"; do
  test=${target##*:}
  grep -qs '^golden: none' "$package/$test.patch" && continue
  golden=$PWD/$package/${test%_fails_as_intended}.golden
  # The test itself, told to write: it looks for the findings from its runfiles.
  if ! (cd "$bin/$package/$test.sh.runfiles/ipc_lab_kit" && "$bin/$package/$test.sh" --write "$golden"); then
    echo "goldens: $test is red for another reason than its golden file, see above" >&2
    status=1
  fi
done
exit $status
