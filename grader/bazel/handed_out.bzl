"""Programs of the solution for people who must not have its source.

program_as_handed_out is such a program where the solution is: linked statically, so that it runs on another
system than the one it was made on, and without symbols. handed_out_program is the same file where it was
handed out.
"""

_MODE = "//command_line_option:compilation_mode"
_LINKOPT = "//command_line_option:linkopt"

def _released_impl(settings, _attr):
    return {_LINKOPT: settings[_LINKOPT] + ["-static", "-s"], _MODE: "opt"}

_released = transition(
    implementation = _released_impl,
    inputs = [_LINKOPT],
    outputs = [_LINKOPT, _MODE],
)

def _program_impl(ctx):
    program = ctx.attr.program[0][DefaultInfo].files_to_run.executable
    link = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(output = link, target_file = program, is_executable = True)
    return [DefaultInfo(files = depset([link]))]

program_as_handed_out = rule(
    implementation = _program_impl,
    attrs = {
        "program": attr.label(cfg = _released, mandatory = True),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
)

def _handed_out_impl(ctx):
    link = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(output = link, target_file = ctx.file.file, is_executable = True)
    return [DefaultInfo(executable = link, files = depset([link]))]

handed_out_program = rule(
    implementation = _handed_out_impl,
    executable = True,
    attrs = {"file": attr.label(allow_single_file = True, mandatory = True)},
)
