"""Stand-ins for the repositories that Bazel asks for by name.

Debian ships some of them as packages; those are linked. For the others a few lines serve, since the
kit uses the native C++ rules only.
"""

_PATHS = {
    "bazel_skylib": "/usr/share/bazel/tools/skylib",
    "platforms": "/usr/share/bazel/tools/platforms",
    "rules_java": "/usr/share/bazel/rules/java",
    "rules_proto": "/usr/share/bazel/rules/proto",
}

# Debian's rules_cc is too new for its Bazel 4.2.3.
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

def _stand_in_impl(ctx):
    files = _FILES.get(ctx.name)
    if files:
        ctx.file("WORKSPACE", "")
        for path, content in files.items():
            ctx.file(path, content)
        return
    root = ctx.path(_PATHS[ctx.name])
    if not root.exists:
        fail("%s is missing: run grader/setup" % root)
    for entry in root.readdir():
        ctx.symlink(entry, entry.basename)

stand_in = repository_rule(implementation = _stand_in_impl, local = True)
