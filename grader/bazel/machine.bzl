"""@machine: the libraries that this machine has, each one target.

The compiler finds their headers by itself (they lie in /usr/include), so a target is the flags to
link with, and the check that the library is there at all.

@machine//:found.bzl says which of Bazel's own rules are here; see stand_in.bzl.
"""

load("//grader/bazel:stand_in.bzl", "found_rules")

# Target: (a header that must exist, the flags to link with).
_LIBRARIES = {
    "archive": ("archive.h", ["-larchive"]),
    "cli11": ("CLI/CLI.hpp", []),
    "crypto": ("openssl/hmac.h", ["-lcrypto"]),
    "curl": ("curl/curl.h", ["-lcurl"]),
    "fmt": ("fmt/format.h", ["-lfmt"]),
    "gtest": ("gtest/gtest.h", ["-lgmock", "-lgtest", "-pthread"]),
    "gtest_main": ("gtest/gtest.h", ["-lgmock", "-lgtest_main", "-lgtest", "-pthread"]),
    "json": ("nlohmann/json.hpp", []),
    "pugixml": ("pugixml.hpp", ["-lpugixml"]),
    "sqlite3": ("sqlite3.h", ["-lsqlite3"]),
    "ssl": ("openssl/ssl.h", ["-lssl", "-lcrypto"]),
}

_TARGET = """
cc_library(
    name = "{name}",
    linkopts = {linkopts},
    visibility = ["//visibility:public"],
)
"""

_MISSING = """
genrule(
    name = "{name}",
    outs = ["{name}.missing.h"],
    cmd = "echo 'The header {header} is not on this machine: run grader/setup, then try again.' >&2; exit 1",
    visibility = ["//visibility:public"],
)
"""

def _exists(ctx, header):
    for root in ["/usr/include/", "/usr/local/include/", "/usr/include/x86_64-linux-gnu/", "/usr/include/aarch64-linux-gnu/"]:
        if ctx.path(root + header).exists:
            return True
    return False

def _machine_impl(ctx):
    targets = []
    for name, (header, linkopts) in _LIBRARIES.items():
        template = _TARGET if _exists(ctx, header) else _MISSING
        targets.append(template.format(name = name, header = header, linkopts = repr(linkopts)))
    ctx.file("WORKSPACE", "")
    ctx.file("BUILD", "\n".join(targets))
    ctx.file("found.bzl", "RULES = %r\n" % found_rules(ctx))

machine = repository_rule(implementation = _machine_impl, local = True)
