"""@subjects: the code that is made from the solutions, as packages like any other.

For each lab, @subjects//<lab>/starter is the starter that its solution's markers give, and
@subjects//<lab>/<mutant> is the solution with one patch of grader/<lab>/mutants applied. All keep
the lab's own BUILD file, so that no list of targets is kept twice. @subjects//:<lab>.bzl says which
mutants there are and what their headers say.

An edit of a solution, a patch or the generator makes them anew. A new patch file is seen when Bazel
starts, or after `bazel sync --configure`; until then a test says so.
"""

load("//grader/bazel:lab_index.bzl", "has_solution")

def _watch(ctx, folder, wanted):
    """Makes Bazel lay out the subjects again when one of the folder's files has changed."""
    for file in ctx.path("%s/%s" % (_root(ctx), folder)).readdir():
        if wanted(file.basename):
            ctx.path(Label("//%s:%s" % (folder, file.basename)))

def _root(ctx):
    return ctx.path(Label("//:WORKSPACE")).dirname

def _is_source(name):
    return name == "BUILD" or "." in name

def _is_patch(name):
    return name.endswith(".patch")

def _labs(ctx):
    grader = ctx.path("%s/grader" % _root(ctx))
    return [
        folder.basename
        for folder in grader.readdir()
        if folder.get_child("manifest.bzl").exists and has_solution(grader, folder.basename)
    ]

def _subjects_impl(ctx):
    root = _root(ctx)
    script = ctx.path(Label("//grader/bazel:subjects.py"))
    ctx.path(Label("//grader/bazel:sharing.py"))
    ctx.path(Label("//grader/bazel:starter.py"))
    ctx.file("WORKSPACE", "")
    ctx.file("BUILD", "")
    solutions = {}
    for lab in _labs(ctx):
        solution = "solutions/" + lab
        if not ctx.path("%s/%s" % (root, solution)).exists:
            solution = "grader/%s/solution" % lab
        solutions[lab] = solution

        # All of them before the first is laid out: at a file that Bazel has not looked at yet, it
        # calls this function again from the start.
        _watch(ctx, solution, _is_source)
        _watch(ctx, "grader/%s/mutants" % lab, _is_patch)
    for lab, solution in solutions.items():
        result = ctx.execute([
            "/usr/bin/python3",
            "-B",
            script,
            root,
            lab,
            solution,
            ctx.path("."),
        ])
        if result.return_code:
            fail("the subjects of %s: %s" % (lab, result.stderr))

subjects = repository_rule(implementation = _subjects_impl, local = True, configure = True)
