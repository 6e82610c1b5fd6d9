"""@hidden_checks: an instructor's own checks, as a package like any other.

The program (grader/grade) names the folder of `--checks` in KIT_CHECKS, and in KIT_CHECKS_DIGEST what
is in it, so that an edit is seen. The package has the folder's files and the targets of own_checks().
When no folder is named, it is the kit's own example, so that the kit's tests have one.

The folder lies wherever its owner keeps it. No submission's box shows it, or this repository.
"""

_EXAMPLE = "grader/toy/own_checks"

_BUILD = """
load("@ipc_lab_kit//grader/bazel:own_checks.bzl", "own_checks")
load(":manifest.bzl", "MANIFEST")

package(default_visibility = ["//visibility:public"])

own_checks(MANIFEST)
"""

def _is_wanted(name):
    return name.endswith(".bzl") or name.endswith(".cc") or name.endswith(".h")

def _hidden_checks_impl(ctx):
    ctx.file("WORKSPACE", "")
    folder = ctx.os.environ.get("KIT_CHECKS", "")
    if not folder:
        example = ctx.path("%s/%s" % (ctx.path(Label("//:WORKSPACE")).dirname, _EXAMPLE))
        if not example.exists:
            # What students are given has none.
            ctx.file("BUILD", "")
            return
        folder = str(example)
    for entry in ctx.path(folder).readdir():
        if _is_wanted(entry.basename):
            ctx.symlink(entry, entry.basename)
    ctx.file("BUILD", _BUILD)

hidden_checks = repository_rule(
    implementation = _hidden_checks_impl,
    configure = True,
    environ = ["KIT_CHECKS", "KIT_CHECKS_DIGEST"],
    local = True,
)
