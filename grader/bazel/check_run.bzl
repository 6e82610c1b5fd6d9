"""check_run: the checks of one step, on one subject, in one mode.

The run is a build action that always succeeds; its output is the findings. So Bazel remembers a
failure as well as a success, and nothing is run twice while the code stays the same. check_test
turns the findings into a test's verdict.
"""

load("//grader/bazel:boxed.bzl", "BoxedInfo", "boxed")
load("//grader/bazel:modes.bzl", "mode_transition")

FindingsInfo = provider(
    doc = "What a check_run leaves.",
    fields = {"findings": "File: the findings as JSON", "config": "File: what the driver was told"},
)

_SourcesInfo = provider(
    doc = "The C++ files that a program is made of.",
    fields = {"sources": "depset of File"},
)

def _sources_impl(target, ctx):
    own = []
    for name in ["srcs", "hdrs"]:
        if hasattr(ctx.rule.files, name):
            own += [f for f in getattr(ctx.rule.files, name) if f.extension in ["cc", "h"]]
    below = [dep[_SourcesInfo].sources for dep in getattr(ctx.rule.attr, "deps", []) if _SourcesInfo in dep]
    return [_SourcesInfo(sources = depset(own, transitive = below))]

_sources = aspect(implementation = _sources_impl, attr_aspects = ["deps"])

def _check_run_impl(ctx):
    programs = {}
    files = []
    for name, target in zip(ctx.attr.program_names, ctx.attr.programs):
        is_boxed = BoxedInfo in target
        program = target[BoxedInfo].program if is_boxed else target[DefaultInfo].files_to_run.executable
        programs[name] = program.path
        files.append(program)

    driver = ctx.executable.driver
    interpose = ctx.file._interpose
    content = {
        "calibration": ctx.file.calibration.path if ctx.file.calibration else "",
        "checks": json.decode(ctx.attr.checks),
        "driver": driver.path,
        "interpose": interpose.path,
        "known_checks": ctx.attr.known_checks,
        "lab": ctx.attr.lab,
        "mode": ctx.attr.mode,
        "own_folders": ctx.attr.own_folders,
        "programs": programs,
        "references": ctx.attr.references,
        "runs": ctx.attr.runs,
        "shown_package": ctx.attr.shown_package,
        "step": ctx.attr.step,
        "subject": ctx.attr.subject,
    }
    inputs = files + [interpose]
    if ctx.file.calibration:
        inputs.append(ctx.file.calibration)
    if ctx.attr.mode == "explore":
        # The picture shows the lines themselves.
        for target in [t for t in ctx.attr.programs if _SourcesInfo in t]:
            inputs += [f for f in target[_SourcesInfo].sources.to_list() if f not in inputs]
    if ctx.attr.after:
        after = ctx.attr.after[FindingsInfo].findings
        content["after"] = after.path
        inputs.append(after)

    jail = [ctx.executable.room, ctx.executable.box_init] if ctx.attr.is_sealed else []
    if jail:
        # For `reproduce`.
        content["room"], content["box_init"] = [f.path for f in jail]
    config = ctx.actions.declare_file(ctx.label.name + ".config.json")
    ctx.actions.write(config, json.encode(content))
    findings = ctx.actions.declare_file(ctx.label.name + ".findings.json")
    program = driver
    arguments = ["--config", config.path, "--output", findings.path]

    # By the command line, so that a seed changes what is run and nothing that is compiled.
    seed = ctx.var.get("kit_seed")
    if seed:
        arguments += ["--seed", seed]
    requirements = {"block-network": "", "no-remote": ""}
    if ctx.attr.is_sealed:
        # The room does for the driver what Bazel's sandbox does, and lets it make boxes.
        program = ctx.executable.room
        arguments = [ctx.executable.box_init.path, driver.path] + arguments
        inputs += [driver] + jail[1:]
        requirements = {"local": "", "no-remote": "", "no-sandbox": ""}
    ctx.actions.run(
        executable = program,
        arguments = arguments,
        inputs = inputs + [config],
        outputs = [findings],
        env = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8"},
        execution_requirements = requirements,
        mnemonic = "Check",
        progress_message = "Checking %s, step %d, %s" % (ctx.attr.subject, ctx.attr.step, ctx.attr.mode),
    )
    return [
        DefaultInfo(files = depset([findings]), runfiles = ctx.runfiles(files = [findings])),
        FindingsInfo(findings = findings, config = config),
        OutputGroupInfo(config = depset([config] + files + [driver, interpose] + jail)),
    ]

_ATTRS = {
    "after": attr.label(providers = [FindingsInfo], doc = "the plain run: what failed there is skipped here"),
    "calibration": attr.label(allow_single_file = True),
    "checks": attr.string(mandatory = True, doc = "JSON: [{name, needs}]"),
    "driver": attr.label(executable = True, cfg = "target", mandatory = True),
    "known_checks": attr.string_list(doc = "all checks that the manifest has for the step"),
    "lab": attr.string(mandatory = True),
    "mode": attr.string(mandatory = True),
    "own_folders": attr.string_list(doc = "the folders of the subject's code, as the compiler is told"),
    "program_names": attr.string_list(),
    "references": attr.string_list(doc = "which of the programs are the solution's, whatever the subject"),
    "runs": attr.int(default = 1, doc = "how often each check is run; the worst finding counts"),
    "shown_package": attr.string(doc = "how the subject's folder is called in a finding"),
    "step": attr.int(mandatory = True),
    "subject": attr.string(mandatory = True),
    "_allowlist_function_transition": attr.label(
        default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
    ),
    "_interpose": attr.label(default = "//grader/harness/interpose", allow_single_file = True),
}

def _attrs_with(aspects, more):
    attrs = dict(_ATTRS, programs = attr.label_list(cfg = mode_transition, aspects = aspects))
    attrs.update(more)
    return attrs

check_run = rule(
    implementation = _check_run_impl,
    attrs = _attrs_with([_sources], {"is_sealed": attr.bool()}),
)

# The same on a submission: compiled in a box, and run in one.
sealed_check_run = rule(
    implementation = _check_run_impl,
    attrs = _attrs_with([_sources, boxed], {
        "box_init": attr.label(default = "//grader/submissions:box_init", executable = True, cfg = "target"),
        "is_sealed": attr.bool(default = True),
        "room": attr.label(default = "//grader/submissions:room", executable = True, cfg = "target"),
    }),
)

def _check_config_impl(ctx):
    # The config and all that it names, so that `reproduce` can run the driver by itself.
    return [DefaultInfo(files = ctx.attr.run[OutputGroupInfo].config)]

check_config = rule(
    implementation = _check_config_impl,
    attrs = {"run": attr.label(providers = [FindingsInfo], mandatory = True)},
)

def _verdict_impl(ctx):
    runs = [target[FindingsInfo].findings for target in ctx.attr.runs]
    verdict = ctx.executable._verdict
    arguments = ctx.attr.verdict_args + [f.short_path for f in runs]
    data = [verdict] + runs
    if ctx.file.golden:
        arguments = ["--golden", ctx.file.golden.short_path] + arguments
        data.append(ctx.file.golden)
    script = ctx.actions.declare_file(ctx.label.name + ".sh")
    ctx.actions.write(
        script,
        "#!/bin/sh\nexec %s %s \"$@\"\n" % (verdict.short_path, " ".join(["'%s'" % a for a in arguments])),
        is_executable = True,
    )
    return [DefaultInfo(executable = script, runfiles = ctx.runfiles(files = data))]

# Passes when the findings of `runs` are what `verdict_args` asks for (all passed, when it is empty).
verdict_test = rule(
    implementation = _verdict_impl,
    test = True,
    attrs = {
        "golden": attr.label(allow_single_file = True),
        "runs": attr.label_list(providers = [FindingsInfo], mandatory = True),
        "verdict_args": attr.string_list(),
        "_verdict": attr.label(default = "//grader/harness:verdict", executable = True, cfg = "target"),
    },
)
