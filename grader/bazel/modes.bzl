"""The modes: how the code under the checks is compiled for each.

explore is compiled like tsan and linked with the explorer's own runtime (//grader/explore).

plain, stress and memcheck share one build: what differs is how the programs are run, and that is
the harness's business. The order is the order in which the answers should come.
"""

load("//grader/explore:explored.bzl", "EXPLORE_COPTS", "EXPLORE_MALLOC")

_SANITIZER = ["-fno-omit-frame-pointer", "-g"]

MODES = {
    "plain": [],
    "explore": EXPLORE_COPTS,
    "asan": [
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover=undefined",
        # ASan says the same with more words, and vptr accuses correct code when no descriptor is free.
        "-fno-sanitize=object-size,vptr",
    ] + _SANITIZER,
    "tsan": ["-fsanitize=thread"] + _SANITIZER,
    "memcheck": [],
    "stress": [],
}

_COPT = "//command_line_option:copt"
_MALLOC = "//command_line_option:custom_malloc"
_LINKOPT = "//command_line_option:linkopt"

# As shared libraries, libasan and libubsan each have their own idea of where reports go, and some are
# written to standard error only (GCC 12): those of a daemon would be lost.
_LINK_ONLY = {"asan": ["-static-libasan", "-static-libubsan"]}

# As the configuration's malloc, a library reaches every program, whatever its BUILD file says.
_LINKED_IN = {
    "explore": str(EXPLORE_MALLOC),
    "tsan": str(Label("//grader/harness:tsan_gaps")),
}

def _impl(settings, attr):
    flags = MODES[attr.mode]
    is_explored = attr.mode == "explore"
    return {
        _COPT: settings[_COPT] + flags,
        _LINKOPT: settings[_LINKOPT] + ([] if is_explored else flags) + _LINK_ONLY.get(attr.mode, []),
        _MALLOC: _LINKED_IN.get(attr.mode, settings[_MALLOC]),
    }

# Compiles what it is put on for the mode that the rule's attribute `mode` names.
mode_transition = transition(
    implementation = _impl,
    inputs = [_COPT, _LINKOPT, _MALLOC],
    outputs = [_COPT, _LINKOPT, _MALLOC],
)
