"""explored_program: a program as the schedule explorer needs it, or, to compare, as TSan does.

Its code is compiled with ThreadSanitizer's instrumentation, and linked with the explorer's runtime in
the place of ThreadSanitizer's: as the configuration's malloc, so that it reaches every program,
whatever its own BUILD file says.
"""

# -O0: an optimiser leaves out reads that race, as it may. DWARF 4: addr2line (binutils 2.40) names
# the wrong file for version 5.
EXPLORE_COPTS = ["-fsanitize=thread", "-O0", "-g", "-gdwarf-4"]
EXPLORE_MALLOC = Label("//grader/explore:runtime")

_COPT = "//command_line_option:copt"
_LINKOPT = "//command_line_option:linkopt"
_MALLOC = "//command_line_option:custom_malloc"

_TSAN = ["-fsanitize=thread", "-g"]

def _transition_impl(settings, attr):
    if attr.mode == "tsan":
        return {
            _COPT: settings[_COPT] + _TSAN,
            _LINKOPT: settings[_LINKOPT] + _TSAN,
            _MALLOC: settings[_MALLOC],
        }
    return {
        _COPT: settings[_COPT] + EXPLORE_COPTS,
        _LINKOPT: settings[_LINKOPT],
        _MALLOC: str(EXPLORE_MALLOC),
    }

_explored = transition(
    implementation = _transition_impl,
    inputs = [_COPT, _LINKOPT, _MALLOC],
    outputs = [_COPT, _LINKOPT, _MALLOC],
)

def _explored_program_impl(ctx):
    program = ctx.attr.program[0][DefaultInfo].files_to_run.executable
    ctx.actions.symlink(output = ctx.outputs.executable, target_file = program, is_executable = True)
    return [DefaultInfo(executable = ctx.outputs.executable, runfiles = ctx.runfiles([program]))]

explored_program = rule(
    implementation = _explored_program_impl,
    executable = True,
    attrs = {
        "mode": attr.string(default = "explore", values = ["explore", "tsan"]),
        "program": attr.label(cfg = _explored, executable = True, mandatory = True),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
)

def program_pairs(names):
    """<name>_bug and <name>_fixed, explored, of each programs/<name>.cc.

    Args:
      names: of the programs.

    Returns:
      The targets.
    """
    targets = []
    for name in names:
        for variant, defines in {"bug": [], "fixed": ["FIXED"]}.items():
            target = "%s_%s" % (name, variant)
            native.cc_binary(
                name = target + "_program",
                testonly = True,
                srcs = ["programs/%s.cc" % name],
                copts = ["-Wno-unused-result"],
                linkopts = ["-pthread"],
                local_defines = defines,
                tags = ["manual"],
            )
            explored_program(
                name = target,
                testonly = True,
                program = target + "_program",
                tags = ["manual"],
            )
            targets.append(target)
        explored_program(
            name = name + "_bug_tsan",
            testonly = True,
            mode = "tsan",
            program = name + "_bug_program",
            tags = ["manual"],
        )
    return targets
