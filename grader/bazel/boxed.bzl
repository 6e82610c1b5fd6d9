"""boxed: compiles and links a submission's programs inside a box.

A submission's package has the lab's own cc_library and cc_binary targets, but Bazel's actions for them
are never asked for: they would show the whole machine to whatever a student writes into an #include or
an .incbin. This aspect makes actions of its own for the same targets, with the flags that Bazel would
use, and runs each through //grader/submissions:boxed, which shows the compiler its declared inputs,
/usr, and nothing else. Libraries from outside the package are linked as Bazel builds them: they are
the kit's.
"""

load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

BoxedInfo = provider(
    doc = "What a target of a submission comes to.",
    fields = {
        "objects": "label to list of File: of this library and of those below it",
        "program": "File, or None for a library",
    },
)

_REPOSITORY = "submissions"
_COMPILE = "c++-compile"
_LINK = "c++-link-executable"

# Half of what a submission costs is its compilation. Nobody looks at variables here: stacks need lines
# and functions. And a call of AddressSanitizer's for each access finds the same as code in its place.
_CHEAP = ["-g1", "--param", "asan-instrumentation-with-call-threshold=0"]

def _contexts(ctx):
    return [dep[CcInfo] for dep in ctx.rule.attr.deps + [ctx.attr._custom_malloc] if dep and CcInfo in dep]

def _boxed_action(ctx, mnemonic, tool, arguments, inputs, output, progress, is_scanned = False):
    listing = ctx.actions.args()
    listing.set_param_file_format("multiline")
    listing.use_param_file("%s", use_always = True)
    listing.add_all(inputs)
    own = ctx.actions.args()
    own.add("--output", output)
    if is_scanned:
        own.add("--scan")
    own.add("--inputs")
    command = ctx.actions.args()
    command.add("--")
    command.add(tool)
    command.add_all(arguments)
    ctx.actions.run(
        executable = ctx.executable._boxed,
        arguments = [own, listing, command],
        inputs = inputs,
        outputs = [output],
        env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        # The box needs namespaces of its own, and as root a user of its own: Bazel's sandbox has neither.
        execution_requirements = {"no-sandbox": "1", "no-remote": "1", "local": "1"},
        mnemonic = mnemonic,
        progress_message = progress,
    )

def _compile(ctx, toolchain, features, source, context, headers):
    name = ctx.label.name + ".boxed/" + source.basename[:-len(source.extension) - 1] + ".o"
    output = ctx.actions.declare_file(name)
    cpp = ctx.fragments.cpp
    variables = cc_common.create_compile_variables(
        feature_configuration = features,
        cc_toolchain = toolchain,
        source_file = source.path,
        output_file = output.path,
        user_compile_flags = cpp.copts + cpp.cxxopts + ctx.rule.attr.copts + _CHEAP,
        include_directories = context.includes,
        quote_include_directories = context.quote_includes,
        system_include_directories = context.system_includes,
        preprocessor_defines = depset(ctx.rule.attr.defines + ctx.rule.attr.local_defines, transitive = [context.defines]),
    )
    flags = cc_common.get_memory_inefficient_command_line(
        feature_configuration = features,
        action_name = _COMPILE,
        variables = variables,
    )
    _boxed_action(
        ctx,
        "BoxedCompile",
        cc_common.get_tool_for_action(feature_configuration = features, action_name = _COMPILE),
        flags,
        depset([source] + headers, transitive = [context.headers]),
        output,
        "Compiling %s in a box" % source.short_path,
        is_scanned = True,
    )
    return output

def _library_files(linker_input, boxed):
    """What a library is linked as: the submission's own as what came out of the box."""
    if linker_input.owner.workspace_name == _REPOSITORY:
        return boxed.get(str(linker_input.owner), []), []
    files, whole = [], []
    for library in linker_input.libraries:
        archive = library.static_library or library.pic_static_library
        if archive:
            (whole if library.alwayslink else files).append(archive)
        else:
            files += library.objects or library.pic_objects or []
    return files, whole

def _unique(items):
    return {item: None for item in items}.keys()

def _link(ctx, toolchain, features, objects, boxed):
    output = ctx.actions.declare_file(ctx.label.name + ".boxed/" + ctx.label.name)
    files, whole, flags = [], [], []
    for info in _contexts(ctx):
        for linker_input in info.linking_context.linker_inputs.to_list():
            some, all_of = _library_files(linker_input, boxed)
            files += some
            whole += all_of
            flags += linker_input.user_link_flags
    files, whole = _unique(files), _unique(whole)
    variables = cc_common.create_link_variables(
        feature_configuration = features,
        cc_toolchain = toolchain,
        is_linking_dynamic_library = False,
        is_static_linking_mode = True,
        output_file = output.path,
        user_link_flags = ctx.rule.attr.linkopts + flags + ctx.fragments.cpp.linkopts,
    )
    rest = cc_common.get_memory_inefficient_command_line(
        feature_configuration = features,
        action_name = _LINK,
        variables = variables,
    )
    arguments = [f.path for f in objects]
    if whole:
        arguments += ["-Wl,--whole-archive"] + [f.path for f in whole] + ["-Wl,--no-whole-archive"]
    arguments += ["-Wl,--start-group"] + [f.path for f in files] + ["-Wl,--end-group"] + rest
    _boxed_action(
        ctx,
        "BoxedLink",
        cc_common.get_tool_for_action(feature_configuration = features, action_name = _LINK),
        arguments,
        depset(objects + files + whole),
        output,
        "Linking %s in a box" % output.short_path,
    )
    return output

def _all_objects(ctx):
    """The objects of the submission's libraries below this target, by their label."""
    found = {}
    for dep in ctx.rule.attr.deps:
        if BoxedInfo in dep:
            found.update(dep[BoxedInfo].objects)
    return found

def _boxed_impl(target, ctx):
    if ctx.label.workspace_name != _REPOSITORY or ctx.rule.kind not in ["cc_library", "cc_binary"]:
        return []
    toolchain = find_cpp_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )
    is_program = ctx.rule.kind == "cc_binary"
    if is_program:
        context = cc_common.merge_cc_infos(cc_infos = _contexts(ctx)).compilation_context
    else:
        context = target[CcInfo].compilation_context
    sources = [f for f in ctx.rule.files.srcs if f.extension == "cc"]
    headers = [f for f in ctx.rule.files.srcs if f.extension == "h"]
    objects = [_compile(ctx, toolchain, features, f, context, headers) for f in sources]
    below = _all_objects(ctx)
    if is_program:
        return [BoxedInfo(objects = below, program = _link(ctx, toolchain, features, objects, below))]
    below[str(ctx.label)] = objects
    return [BoxedInfo(objects = below, program = None)]

boxed = aspect(
    implementation = _boxed_impl,
    attr_aspects = ["deps"],
    fragments = ["cpp"],
    attrs = {
        "_boxed": attr.label(default = "//grader/submissions:boxed", executable = True, cfg = "exec"),
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
        "_custom_malloc": attr.label(
            default = configuration_field(fragment = "cpp", name = "custom_malloc"),
            providers = [CcInfo],
        ),
    },
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)
