"""Which targets of a mutant are still the solution's.

A patch changes a file or two. Targets that neither contain one of them nor stand on such a target
would be compiled and checked again for nothing: in the mutant's BUILD file they become aliases of the
solution's. BUILD files have Python's grammar, so Python's own parser reads them.
"""

import ast


class Target:
    """A rule's call at the top level of a BUILD file."""

    def __init__(self, call):
        values = {k.arg: _strings(k.value) for k in call.keywords}
        self.rule = call.func.id if isinstance(call.func, ast.Name) else ""
        self.name = values.get("name", [""])[0]
        self.files = values.get("srcs", []) + values.get("hdrs", [])
        self.deps = values.get("deps", []) + values.get("srcs", [])
        self.first_line, self.last_line = call.lineno, call.end_lineno

    def stands_on(self, names):
        """Whether one of its dependencies is one of these targets of the same file."""
        return any(dep.lstrip(":") in names for dep in self.deps)


def _strings(node):
    return [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]


def _targets(build):
    calls = [s.value for s in ast.parse(build).body if isinstance(s, ast.Expr) and isinstance(s.value, ast.Call)]
    return [target for target in map(Target, calls) if target.name]


def affected_targets(build, changed):
    """The names of the targets that a change of these files can make different."""
    targets = _targets(build)
    if not all(any(file in t.files for t in targets) for file in changed):
        return {t.name for t in targets}  # a file that no target names: who knows who reads it
    affected = {t.name for t in targets if set(t.files) & set(changed)}
    while more := {t.name for t in targets if t.stands_on(affected)} - affected:
        affected |= more
    return affected


def share_the_rest(build, affected, package):
    """The BUILD file with every target that is not affected an alias of `package`'s."""
    lines = build.split("\n")
    for target in reversed(_targets(build)):
        if target.name in affected or target.rule not in ("cc_library", "cc_binary"):
            continue
        alias = f'alias(\n    name = "{target.name}",\n    actual = "{package}:{target.name}",\n)'
        lines[target.first_line - 1 : target.last_line] = alias.split("\n")
    return "\n".join(lines)
