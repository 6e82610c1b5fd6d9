"""@lab_index: the labs that are there, found by their manifests.

A lab is its folders. Nothing in the kit lists the labs: this repository looks for
grader/*/manifest.bzl, so a lab is added by adding its folders. Bazel looks when it starts, and
after `bazel sync --configure`.

@lab_index//:solved.bzl names those whose solution is here: in what students are given it is not.
"""

def has_solution(grader, lab):
    """Whether the lab's solution is here: in solutions/, or beside the checks of an internal lab.

    Args:
      grader: path of the folder grader/.
      lab: the lab's name.
    """
    return (grader.dirname.get_child("solutions").get_child(lab).exists or
            grader.get_child(lab).get_child("solution").exists)

def _is_lab(grader, lab):
    """Whether there is a lab to work on, and not only checks that another lab's stand on."""
    return grader.get_child(lab).get_child("manifest.bzl").exists and (
        has_solution(grader, lab) or
        grader.dirname.get_child("labs").get_child(lab).exists or
        grader.get_child(lab).get_child("lab").exists
    )

def _lab_index_impl(ctx):
    grader = ctx.path(Label("//grader:BUILD")).dirname
    loads = []
    entries = []
    solved = []
    for lab in sorted([folder.basename for folder in grader.readdir()]):
        if _is_lab(grader, lab):
            loads.append('load("@ipc_lab_kit//grader/{0}:manifest.bzl", {0} = "MANIFEST")'.format(lab))
            entries.append('    "{0}": {0},'.format(lab))
            if has_solution(grader, lab):
                solved.append(lab)
    ctx.file("WORKSPACE", "")
    ctx.file("BUILD", "")
    ctx.file("solved.bzl", "SOLVED = %r\n" % solved)
    ctx.file("labs.bzl", "\n".join(loads + ["LABS = {"] + entries + ["}", ""]))

lab_index = repository_rule(implementation = _lab_index_impl, local = True, configure = True)
