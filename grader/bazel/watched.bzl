"""What the repository rules read of the workspace, in a way that an edit of it is seen."""

load("//grader/bazel:lab_index.bzl", "has_solution")

def root_of(ctx):
    """The workspace's folder.

    Args:
      ctx: a repository rule's.
    """
    return ctx.path(Label("//:WORKSPACE")).dirname

def watch(ctx, folder, wanted):
    """Makes Bazel call the rule again when one of the folder's files has changed.

    At a file that Bazel has not looked at yet it calls the rule again from the start: so watch all
    of them before the first one is used.

    Args:
      ctx: the repository rule's.
      folder: a package, below the root.
      wanted: function: a file's name to whether it matters.
    """
    for file in ctx.path("%s/%s" % (root_of(ctx), folder)).readdir():
        if wanted(file.basename):
            ctx.path(Label("//%s:%s" % (folder, file.basename)))

def _is_source(name):
    return name == "BUILD" or "." in name

def watch_solutions(ctx):
    """The folder of each lab's solution that is here, by the lab's name.

    Args:
      ctx: the repository rule's.
    """
    root = root_of(ctx)
    grader = ctx.path("%s/grader" % root)
    folders = {}
    for folder in grader.readdir():
        lab = folder.basename
        if folder.get_child("manifest.bzl").exists and has_solution(grader, lab):
            solution = "solutions/" + lab
            if not ctx.path("%s/%s" % (root, solution)).exists:
                solution = "grader/%s/solution" % lab
            watch(ctx, solution, _is_source)
            folders[lab] = solution
    return folders
