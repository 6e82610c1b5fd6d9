"""The modes: how the code under the checks is compiled for each.

plain, stress and memcheck share one build: what differs is how the programs are run, and that is
the harness's business. The order is the order in which the answers should come.
"""

_SANITIZER = ["-fno-omit-frame-pointer", "-g"]

MODES = {
    "plain": [],
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
_LINKOPT = "//command_line_option:linkopt"

# As shared libraries, libasan and libubsan each have their own idea of where reports go, and some are
# written to standard error only (GCC 12): those of a daemon would be lost.
_LINK_ONLY = {"asan": ["-static-libasan", "-static-libubsan"]}

def _impl(settings, attr):
    flags = MODES[attr.mode]
    return {
        _COPT: settings[_COPT] + flags,
        _LINKOPT: settings[_LINKOPT] + flags + _LINK_ONLY.get(attr.mode, []),
    }

# Compiles what it is put on for the mode that the rule's attribute `mode` names.
mode_transition = transition(
    implementation = _impl,
    inputs = [_COPT, _LINKOPT],
    outputs = [_COPT, _LINKOPT],
)
