"""optimized_binary: a program, and all that it is made of and starts, compiled for speed.

The kit compiles for people with debuggers (see .bazelrc). What is measured should be what a server
that is in use would be. The programs in a binary's `data` follow the transition, so that the server
under load is compiled like the generator.
"""

_COPT = "//command_line_option:copt"
_MODE = "//command_line_option:compilation_mode"

def _optimized_impl(settings, _attr):
    return {_COPT: settings[_COPT] + ["-O2", "-DNDEBUG"], _MODE: "opt"}

_optimized = transition(
    implementation = _optimized_impl,
    inputs = [_COPT],
    outputs = [_COPT, _MODE],
)

def _optimized_binary_impl(ctx):
    program = ctx.attr.program[0][DefaultInfo]
    link = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(output = link, target_file = program.files_to_run.executable, is_executable = True)
    return [DefaultInfo(executable = link, runfiles = ctx.runfiles().merge(program.default_runfiles))]

optimized_binary = rule(
    implementation = _optimized_binary_impl,
    executable = True,
    attrs = {
        "program": attr.label(cfg = _optimized, executable = True, mandatory = True),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
)
