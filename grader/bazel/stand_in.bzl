"""Stand-ins for the repositories that Bazel asks for by name and would otherwise download.

Debian and Ubuntu ship what their Bazel needs as packages; those are linked. Where they are not
there, a Bazel from elsewhere is left to fetch its own.
"""

# Where the packages put them. Which of them Bazel asks for depends on its release.
_PATHS = {
    "bazel_features": "/usr/share/bazel/tools/features",
    "bazel_skylib": "/usr/share/bazel/tools/skylib",
    "platforms": "/usr/share/bazel/tools/platforms",
    "rules_cc": "/usr/share/bazel/rules/cc",
    "rules_java": "/usr/share/bazel/rules/java",
    "rules_license": "/usr/share/bazel/rules/license",
    "rules_proto": "/usr/share/bazel/rules/proto",
    "rules_python": "/usr/share/bazel/rules/python",
}

# For Bazel 4, which is older than the rules_cc beside it. The kit uses the native C++ rules only.
_RULES_CC = """
cc_binary = native.cc_binary
cc_import = native.cc_import
cc_library = native.cc_library
cc_proto_library = native.cc_proto_library
cc_test = native.cc_test
cc_toolchain = native.cc_toolchain
cc_toolchain_suite = native.cc_toolchain_suite
fdo_prefetch_hints = native.fdo_prefetch_hints
fdo_profile = native.fdo_profile
objc_library = native.objc_library
"""

_FILES = {
    "remote_coverage_tools": {
        "BUILD": """filegroup(name = "coverage_report_generator", srcs = [], visibility = ["//visibility:public"])""",
    },
    "rules_cc": {
        "BUILD": "",
        "cc/BUILD": "",
        "cc/defs.bzl": _RULES_CC,
    },
}

def found_rules(ctx):
    """Those that this machine has: name to path."""
    return {name: path for name, path in _PATHS.items() if ctx.path(path).exists}

def _linked_impl(ctx):
    for entry in ctx.path(ctx.attr.path).readdir():
        ctx.symlink(entry, entry.basename)

_linked = repository_rule(
    implementation = _linked_impl,
    attrs = {"path": attr.string(mandatory = True)},
    local = True,
)

def _written_impl(ctx):
    ctx.file("WORKSPACE", "")
    for path, content in _FILES[ctx.name].items():
        ctx.file(path, content)

_written = repository_rule(implementation = _written_impl, local = True)

def stand_ins(rules):
    """The stand-ins that this Bazel needs here.

    Args:
      rules: what found_rules() found.
    """

    # Debian's Bazel 4.2.3 does not know its own version.
    is_bazel_4 = not native.bazel_version or native.bazel_version.startswith("4.")
    _written(name = "remote_coverage_tools")
    for name, path in rules.items():
        if name == "rules_cc" and is_bazel_4:
            continue
        _linked(name = name, path = path)
    if is_bazel_4:
        _written(name = "rules_cc")
