"""@lab_index: the labs that are there, found by their manifests.

A lab is its folders. Nothing in the kit lists the labs: this repository looks for
grader/*/manifest.bzl, so a lab is added by adding its folders. Bazel looks when it starts, and
after `bazel sync --configure`.
"""

def _lab_index_impl(ctx):
    grader = ctx.path(Label("//grader:BUILD")).dirname
    loads = []
    entries = []
    for lab in sorted([folder.basename for folder in grader.readdir()]):
        if grader.get_child(lab).get_child("manifest.bzl").exists:
            loads.append('load("@ipc_lab_kit//grader/{0}:manifest.bzl", {0} = "MANIFEST")'.format(lab))
            entries.append('    "{0}": {0},'.format(lab))
    ctx.file("WORKSPACE", "")
    ctx.file("BUILD", "")
    ctx.file("labs.bzl", "\n".join(loads + ["LABS = {"] + entries + ["}", ""]))

lab_index = repository_rule(implementation = _lab_index_impl, local = True, configure = True)
