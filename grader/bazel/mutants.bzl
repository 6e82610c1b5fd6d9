"""The mutants of a lab: each must be caught by the check, and in the mode, that its header names."""

load("//grader/bazel:check_run.bzl", "verdict_test")
load("//grader/bazel:lab.bzl", "only_run", "subject_runs")

def mutants(manifest, found, patches, goldens, tags = []):
    """A test for each mutant, and one for the generated starter.

    Args:
      manifest: the lab's.
      found: MUTANTS of @subjects//:<lab>.bzl: name to header.
      patches: the patch files that are there.
      goldens: the golden files that are there.
      tags: of the tests; "manual" keeps a lab that is still in work out of `bazel test //...`.

    `bazel test //...` runs the mutants but those with `run: on demand` in their headers;
    `bazel test //grader/<lab>/mutants:every_mutant` runs all.
    """
    for patch in patches:
        if patch[:-len(".patch")] not in found:
            _red(patch[:-len(".patch")], "%s is new: run `bazel sync --configure` once, and it is tested" % patch)
    for name, header in found.items():
        if header.get("error"):
            _red(name, header["error"])
        else:
            _mutant(manifest, name, header, goldens, tags)
    _starter(manifest, goldens, tags)

    # All of them, also those that are run on demand.
    native.test_suite(
        name = "every_mutant",
        tags = ["manual"],
        tests = [":" + name for name in found],
    )

def _mutant(manifest, name, header, goldens, tags):
    subject = "@subjects//%s/%s" % (manifest["lab"], name)
    affected = header["affected"]
    subject_runs(manifest, name, subject, manifest["lab_package"], after_plain = False, affected = affected)
    golden = name + ".golden"
    verdict_test(
        name = name,
        golden = golden if golden in goldens else None,
        runs = _runs(manifest, name, header, subject),
        verdict_args = [
            "--killed-by=" + header["check"],
            "--as=" + header["status"],
        ] + (["--also=" + header["also"]] if header.get("also") else []),
        size = "small",
        tags = tags + (["manual"] if header.get("run") == "on demand" else []),
    )

# What the verdict looks at: first the run in which the mutant is caught.
def _runs(manifest, name, header, subject):
    number = header["step"]
    if header.get("also") == "*":
        # What other checks say does not matter, so they are not run.
        step = [s for s in manifest["steps"] if s["number"] == number][0]
        return [only_run(manifest, step, header["mode"], header["check"], name, subject, header["affected"])]
    run = "%s_step%d_%s" % (name, number, header["mode"])
    plain = [
        "%s_step%d_plain" % (name, s["number"])
        for s in manifest["steps"]
        if s["number"] <= number and _is_touched(s, header["affected"])
    ]
    return [run] + [p for p in plain if p != run]

def _is_touched(step, affected):
    """Whether a step's checks look at anything that the patch can change."""
    libraries = [library for libraries in step["probes"].values() for library in libraries]
    return any([target in affected for target in step["programs"] + libraries])

def _starter(manifest, goldens, tags):
    subject_runs(manifest, "starter", "@subjects//%s/starter" % manifest["lab"], manifest["lab_package"])
    for step in manifest["steps"]:
        name = "starter_step%d_fails_as_intended" % step["number"]
        golden = "starter_step%d.golden" % step["number"]
        verdict_test(
            name = name,
            golden = golden if golden in goldens else None,
            runs = ["starter_step%d_plain" % step["number"]],
            verdict_args = ["--untouched"],
            size = "small",
            tags = tags,
        )

def _red_impl(ctx):
    script = ctx.actions.declare_file(ctx.label.name + ".sh")
    ctx.actions.write(script, "#!/bin/sh\ncat <<'END'\n%s\nEND\nexit 1\n" % ctx.attr.message, is_executable = True)
    return [DefaultInfo(executable = script)]

_red_test = rule(implementation = _red_impl, test = True, attrs = {"message": attr.string()})

def _red(name, message):
    _red_test(name = name, message = message, size = "small")
