"""@subjects: the code that is made from the solutions, as packages like any other.

For each lab, @subjects//<lab>/starter is the starter that its solution's markers give, and
@subjects//<lab>/<mutant> is the solution with one patch of grader/<lab>/mutants applied. All keep
the lab's own BUILD file, so that no list of targets is kept twice. @subjects//:<lab>.bzl says which
mutants there are and what their headers say.

An edit of a solution, a patch or the generator makes them anew. A new patch file is seen when Bazel
starts, or after `bazel sync --configure`; until then a test says so.
"""

load("//grader/bazel:watched.bzl", "root_of", "watch", "watch_solutions")

def _is_patch(name):
    return name.endswith(".patch")

def _subjects_impl(ctx):
    script = ctx.path(Label("//grader/bazel:subjects.py"))
    ctx.path(Label("//grader/bazel:sharing.py"))
    ctx.path(Label("//grader/bazel:starter.py"))
    ctx.file("WORKSPACE", "")
    ctx.file("BUILD", "")
    solutions = watch_solutions(ctx)
    for lab in solutions:
        watch(ctx, "grader/%s/mutants" % lab, _is_patch)
    for lab, solution in solutions.items():
        result = ctx.execute([
            "/usr/bin/python3",
            "-B",
            script,
            root_of(ctx),
            lab,
            solution,
            ctx.path("."),
        ])
        if result.return_code:
            fail("the subjects of %s: %s" % (lab, result.stderr))

subjects = repository_rule(implementation = _subjects_impl, local = True, configure = True)
