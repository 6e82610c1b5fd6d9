"""@submissions: what was handed in, as packages like any other.

The program (grader/grade) lays the files that it accepted into <root>/<lab>/<name>/ and names the root
in KIT_SUBMISSIONS. @submissions//<lab>/<name> is then the lab's starter with those files over it: its
BUILD file is the starter's, followed by the runs of the checks. A name follows from the contents, so
that the same code is the same package, and nothing about it is done twice. With an instructor's own checks
(hidden_checks.bzl) the runs are those of their manifest.
"""

load("//grader/bazel:watched.bzl", "root_of", "watch", "watch_solutions")

_HOSTILE = "grader/submissions/hostile"

def _is_hostile(name):
    return name.endswith(".txt")

def _submissions_impl(ctx):
    script = ctx.path(Label("//grader/bazel:submissions.py"))
    ctx.path(Label("//grader/bazel:starter.py"))
    workspace = root_of(ctx)
    if ctx.path("%s/%s" % (workspace, _HOSTILE)).exists:
        watch(ctx, _HOSTILE, _is_hostile)
    watch_solutions(ctx)
    ctx.file("WORKSPACE", "")
    ctx.file("BUILD", "")
    root = ctx.os.environ.get("KIT_SUBMISSIONS", "")
    arguments = [workspace, ctx.path(".")]
    if root:
        arguments.append(root)
        arguments += ["--own-checks"] if ctx.os.environ.get("KIT_CHECKS", "") else []
    result = ctx.execute(["/usr/bin/python3", "-B", script] + arguments)
    if result.return_code:
        fail("the submissions in %s: %s" % (root, result.stderr))

submissions = repository_rule(
    implementation = _submissions_impl,
    configure = True,
    environ = ["KIT_CHECKS", "KIT_SUBMISSIONS"],
    local = True,
)
