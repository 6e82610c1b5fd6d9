"""The targets of a lab, from its manifest.

grader/<lab>/BUILD calls lab(MANIFEST). A subject's runs are called <subject>_step<N>_<mode>, as in
lab_step1_plain and solution_step4_tsan.
"""

load("//grader/bazel:check_run.bzl", "check_config", "check_run", "sealed_check_run", "verdict_test")
load("//grader/bazel:cxx.bzl", "COPTS")
load("//grader/bazel:handed_out.bzl", "handed_out_program", "program_as_handed_out")
load("@lab_index//:solved.bzl", "SOLVED")

# A submission's targets are in another repository: from there, too, the kit is called so.
_KIT = "@ipc_lab_kit"
_SUBMISSIONS = "@submissions//"

def _checks_of(step, mode):
    return [
        {"name": c["name"], "needs": c["needs"]}
        for c in step["checks"]
        if mode in c["points"]
    ]

def subject_runs(manifest, name, subject, shown_package, after_plain = True, affected = None):
    """The runs of every step and mode on one subject.

    Args:
      manifest: the lab's.
      name: how the targets begin: "lab", "solution", a mutant's name.
      subject: the package of the code under the checks, such as "//labs/ring_buffer_server".
      shown_package: how findings call that package's folder.
      after_plain: whether a check that failed in plain mode is skipped in the others.
      affected: of a mutant: the targets that are not the solution's. The rest is shared with it.
    """
    for step in manifest["steps"]:
        programs = _programs(manifest, step, name, subject, affected)
        for probe, libraries in step["probes"].items():
            if ":" not in programs[probe] and not native.existing_rule(programs[probe]):
                _probe(manifest, programs[probe], probe, subject, libraries)
        for mode in step["modes"]:
            plain = "%s_step%d_plain" % (name, step["number"])
            is_after = after_plain and mode != "plain" and "plain" in step["modes"]
            _run(manifest, step, mode, name, subject, shown_package, programs, plain if is_after else None)

def subject_tests(manifest, name, is_tested = False):
    """A test for each run, a suite for each step, and one for all.

    Args:
      manifest: the lab's.
      name: as for subject_runs().
      is_tested: whether `bazel test //...` demands that all checks pass.
    """
    tests = []
    for step in manifest["steps"]:
        suite = "%s_step%d" % (name, step["number"])
        for mode in step["modes"]:
            run = "%s_%s" % (suite, mode)
            verdict_test(
                name = run + "_test",
                size = "small",
                runs = [run],
                tags = [] if is_tested else ["manual"],
            )
        step_tests = ["%s_%s_test" % (suite, mode) for mode in step["modes"]]
        native.test_suite(name = suite, tests = step_tests, tags = ["manual"])
        tests += step_tests
    native.test_suite(name = name, tests = tests, tags = ["manual"])

# How often each check is run by the targets below; `bazel test //grader/<lab>:solution_repeated`.
_REPEATS = 100

def _repeated_runs(manifest):
    """solution_repeated: each check of the solution again and again, with a new seed each time.

    A check that fails once in a hundred runs of correct code takes points from somebody. Manual, since
    it takes a hundred times as long; one step in one mode is solution_repeated_step<N>_<mode>_test.
    """
    name = "solution_repeated"
    subject = "//" + manifest["solution_package"]
    for step in manifest["steps"]:
        programs = _programs(manifest, step, "solution", subject)
        for mode in step["modes"]:
            _run(manifest, step, mode, name, subject, manifest["solution_package"], programs, None, _REPEATS)
    subject_tests(manifest, name)

def only_run(manifest, step, mode, check, name, subject, affected):
    """The run of a single check, called `name` and "only": for a mutant that any other check may see.

    Args:
      manifest: the lab's.
      step: the step's entry in it.
      mode: in which the check is run.
      check: its name.
      name: the mutant's.
      subject: the mutant's package.
      affected: see subject_runs().
    Returns:
      The run's name.
    """
    run = name + "_only"
    programs = _programs(manifest, step, name, subject, affected)
    _run(manifest, step, mode, name, subject, manifest["lab_package"], programs, None, run = run, only = check)
    return run

def _programs(manifest, step, name, subject, affected = None):
    """The programs of a step, by what the drivers call them."""
    subject = _absolute(subject)
    programs = {p: "%s:%s" % (subject, p) for p in step["programs"]}
    for reference, target in step["references"].items():
        programs[reference] = _reference(manifest, target)
    for tool, label in step["tools"].items():
        programs[tool] = _KIT + label
    programs["self_test"] = _KIT + "//grader/harness:self_test"
    for probe, libraries in step["probes"].items():
        programs[probe] = _probe_label(manifest, name, probe, libraries, affected)
    return programs

# The runs of an instructor's own checks are in another repository: there, too, the kit's labels hold.
def _absolute(label):
    return _KIT + label if label.startswith("//") else label

# A probe around libraries that a patch leaves as they are is the solution's: it would be compiled for
# each mutant anew, and be the same each time.
def _probe_label(manifest, name, probe, libraries, affected):
    if affected == None or any([library in affected for library in libraries]):
        return "%s_%s" % (name, probe)
    return "%s//grader/%s:solution_%s" % (_KIT, manifest["lab"], probe)

def _reference(manifest, target):
    """A program of the solution; where the solution is not, as it was handed out."""
    if manifest["lab"] in SOLVED:
        return "%s//%s:%s" % (_KIT, manifest["solution_package"], target)
    return "%s//grader/%s:%s_as_handed_out" % (_KIT, manifest["lab"], target)

def _references_as_handed_out(manifest):
    """<target>_as_handed_out for each reference that a step needs: what `handout` takes along.

    Where it was handed out, without the solution, the target of this name is the file that came along.
    """
    targets = {t: True for step in manifest["steps"] for t in step["references"].values()}
    for target in targets:
        if manifest["lab"] in SOLVED:
            program_as_handed_out(
                name = target + "_as_handed_out",
                program = _reference(manifest, target),
                tags = ["manual"],
            )
        else:
            handed_out_program(
                name = target + "_as_handed_out",
                file = "references/" + target,
                visibility = ["//visibility:public"],
            )

def _probe(manifest, name, probe, subject, libraries):
    is_own = probe in manifest["own_probes"]
    package = "@hidden_checks//" if is_own else "%s//grader/%s" % (_KIT, manifest["lab"])
    native.cc_binary(
        name = name,
        testonly = True,
        srcs = ["%s:%s.cc" % (package, probe)],
        deps = ["%s:%s" % (_absolute(subject), library) for library in libraries] + [_KIT + "//grader/harness:probe"],
        tags = ["manual"],
        visibility = ["//visibility:public"],
    )

def _run(manifest, step, mode, name, subject, shown_package, programs, after, runs = 1, run = None, only = None):
    grader = "%s//grader/%s" % (_KIT, manifest["lab"])
    rule = sealed_check_run if subject.startswith(_SUBMISSIONS) else check_run
    run = run or "%s_step%d_%s" % (name, step["number"], mode)
    rule(
        name = run,
        testonly = True,
        after = after,
        calibration = grader + ":calibration.json",
        checks = json.encode([c for c in _checks_of(step, mode) if only in [None, c["name"]]]),
        known_checks = [c["name"] for c in step["checks"]] + step["left_out"],
        driver = step["driver"] or "%s:step%d_driver" % (grader, step["number"]),
        lab = manifest["lab"],
        mode = mode,
        own_folders = _own_folders(manifest, subject),
        program_names = programs.keys(),
        programs = programs.values(),
        references = step["references"].keys(),
        runs = runs,
        shown_package = shown_package,
        step = step["number"],
        subject = subject,
        tags = ["manual"],
    )
    check_config(name = run + "_config", testonly = True, run = run, tags = ["manual"])

def submission_runs(manifest, name):
    """The runs on one submission, called submission_step<N>_<mode>, in a package of @submissions.

    Args:
      manifest: the lab's.
      name: the submission's.
    """
    subject = "%s%s/%s" % (_SUBMISSIONS, manifest["lab"], name)
    subject_runs(manifest, "submission", subject, manifest["lab_package"])

def _own_folders(manifest, subject):
    if not subject.startswith("@"):
        return [subject[2:]]

    # A mutant shares with the solution what its patch leaves as it was.
    repository, package = subject[1:].split("//")
    return ["external/%s/%s" % (repository, package), manifest["solution_package"]]

def lab(manifest, deps = []):
    """Drivers, the student's lab and the solution as subjects, and the manifest as JSON.

    Args:
      manifest: the lab's.
      deps: what the lab's own part of its drivers stands on, beside the harness.
    """
    common = native.glob(["*.cc", "*.h"], exclude = ["*_test.cc", "*_probe.cc"])
    native.cc_library(
        name = "common",
        testonly = True,
        srcs = common,
        copts = COPTS,
        visibility = ["@hidden_checks//:__pkg__"],
        deps = ["//grader/harness"] + deps,
    )
    for step in manifest["steps"]:
        native.filegroup(
            name = "step%d_checks" % step["number"],
            srcs = check_sources(step),
            visibility = ["@hidden_checks//:__pkg__"],
        )
        step_driver(step, check_sources(step), [":common"])
    native.exports_files(native.glob(["*_probe.cc"]) + ["calibration.json"])
    subject_runs(manifest, "lab", "//" + manifest["lab_package"], manifest["lab_package"])
    subject_tests(manifest, "lab")
    _references_as_handed_out(manifest)
    if manifest["lab"] in SOLVED:
        _solution(manifest)
    manifest_json(manifest)

def check_sources(step):
    """The sources of a step's checks, in this package."""
    return native.glob(["step%d_test.cc" % step["number"], "step%d_*_test.cc" % step["number"]])

def step_driver(step, sources, deps):
    """The driver of a step, called step<N>_driver."""
    native.cc_binary(
        name = "step%d_driver" % step["number"],
        testonly = True,
        srcs = sources,
        copts = COPTS,
        visibility = ["//visibility:public"],
        deps = deps + [_KIT + "//grader/harness:driver_main"],
    )

def _solution(manifest):
    package = manifest["solution_package"]
    subject_runs(manifest, "solution", "//" + package, package)
    subject_tests(manifest, "solution", is_tested = True)
    _repeated_runs(manifest)
    if package.startswith("solutions/"):
        # What a student who has done everything gets: built and run in a box.
        verdict_test(
            name = "reference_handed_in",
            size = "small",
            runs = ["%s%s/reference:submission_step%d_plain" % (_SUBMISSIONS, manifest["lab"], step["number"]) for step in manifest["steps"]],
        )

def _json_file_impl(ctx):
    ctx.actions.write(ctx.outputs.out, ctx.attr.content)
    return [DefaultInfo(files = depset([ctx.outputs.out]), runfiles = ctx.runfiles(files = [ctx.outputs.out]))]

_json_file = rule(
    implementation = _json_file_impl,
    attrs = {"content": attr.string(), "out": attr.output()},
)

def manifest_json(manifest):
    """The manifest as the program reads it."""
    _json_file(
        name = "manifest",
        content = json.encode(manifest),
        out = "manifest.json",
        visibility = ["//visibility:public"],
    )

def _lab_list_impl(ctx):
    manifests = [f for target in ctx.attr.manifests for f in target[DefaultInfo].files.to_list()]
    ctx.actions.write(ctx.outputs.out, "".join([f.short_path + "\n" for f in manifests]))
    return [DefaultInfo(
        files = depset([ctx.outputs.out]),
        runfiles = ctx.runfiles(files = manifests + [ctx.outputs.out]),
    )]

_lab_list = rule(
    implementation = _lab_list_impl,
    attrs = {"manifests": attr.label_list(), "out": attr.output()},
)

def lab_targets(labs):
    """What a person types: //grader:<lab> and //grader:<lab>_step<N>; and the list of labs.

    Args:
      labs: name to manifest.
    """
    for name, manifest in labs.items():
        package = "//grader/%s:" % name
        native.test_suite(name = name, tests = [package + "lab"], tags = ["manual"])
        for step in manifest["steps"]:
            suffix = "step%d" % step["number"]
            native.test_suite(name = "%s_%s" % (name, suffix), tests = [package + "lab_" + suffix], tags = ["manual"])
    _lab_list(
        name = "manifests",
        out = "labs.txt",
        manifests = ["//grader/%s:manifest" % name for name in labs],
        visibility = ["//visibility:public"],
    )
