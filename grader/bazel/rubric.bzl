"""The words of a lab's manifest: what its steps are, what is checked, in which mode, for how much.

    MANIFEST = manifest(
        lab = "ring_buffer_server",
        title = "Ring-buffer server",
        steps = [
            step(
                number = 1,
                title = "The ring buffer",
                files = ["ring_buffer.h", "ring_buffer.cc"],
                probes = {"ring_buffer_probe": ["ring_buffer"]},
                checks = [
                    check("RingBuffer.NumbersFromOne", plain = 2, asan = 1),
                ],
            ),
        ],
    )
"""

load("//grader/bazel:modes.bzl", "MODES")

def check(name, needs = [], **points):
    """One GoogleTest test of the step's driver.

    Args:
      name: "Suite.Name".
      needs: checks of the same step; when one of them did not pass, this one is skipped.
      **points: for each mode in which the check is run, the points it is worth there.
    """
    for mode in points:
        if mode not in MODES:
            fail("check %s: no mode is called %s" % (name, mode))
    return {"name": name, "needs": needs, "own": False, "points": points}

def step(number, title = None, files = [], checks = [], programs = [], probes = {}, references = {}, tools = {}):
    """One module of a lab.

    Args:
      number: from 1.
      title: as the report shows it; with_checks() has it from the lab where it is left out.
      files: what the student edits in this step.
      checks: in the order in which they are run; the first is the first thing to get right.
      programs: targets of the subject that the driver starts, such as "ring_server".
      probes: name of a probe (its source is <name>.cc beside the driver) to the subject's
        libraries that it is linked with.
      references: programs of the solution that take part, whatever the subject: what the driver calls
        each, to its target.
      tools: programs of the kit that take part and that everybody has: what the driver calls each, to
        its label.
    """
    return {
        "anchor": None,  # set by manifest()
        "checks": checks,
        "driver": None,  # the lab's own; with_checks() says otherwise
        "driver_sources": [],  # beside those of its folder
        "files": files,
        "left_out": [],  # checks that the driver has and nobody wants
        "modes": _modes_of(checks),
        "number": number,
        "probes": probes,
        "programs": programs,
        "references": references,
        "title": title,
        "tools": tools,
    }

def _modes_of(checks):
    used = {}
    for c in checks:
        for mode in c["points"]:
            used[mode] = True
    return [mode for mode in MODES if mode in used]

def manifest(lab, title, steps, lab_package = None, solution_package = None, page = None, internal = False):
    """A lab. The packages follow from its name; only the grader's own toy lab says otherwise."""
    page = page or "docs/labs/%s.md" % lab
    for s in steps:
        if not s["title"]:
            fail("step %d of %s has no title" % (s["number"], lab))
        s["anchor"] = "%s#step-%d" % (page, s["number"])
    return {
        "format": 1,
        "internal": internal,
        "lab": lab,
        "lab_package": lab_package or "labs/" + lab,
        "own_probes": [],  # see with_checks()
        "page": page,
        "solution_package": solution_package or "solutions/" + lab,
        "steps": steps,
        "title": title,
    }

# Where the drivers of an instructor's own checks are built: see own_checks.bzl.
_OWN = "@hidden_checks//:"

def with_checks(lab, steps, replace = False):
    """The manifest of an instructor's own checks beside them: `grade LAB --checks DIR`.

    A step that the lab has gets these checks behind its own; a check that is named again has the
    points (and needs) given here. A step of a new number comes with a title and files of its own.

    Args:
      lab: MANIFEST of the lab.
      steps: of step().
      replace: whether none of the lab's checks counts but those that are named here.
    Returns:
      The manifest of the lab with these checks.
    """
    known = {s["number"]: s for s in lab["steps"]}
    probes = {probe: True for s in lab["steps"] for probe in s["probes"]}
    named = {s["number"]: _with_step(known.get(s["number"]), s, lab, replace) for s in steps}
    merged = {} if replace else dict(known)
    merged.update(named)
    return dict(
        lab,
        own_probes = [probe for s in steps for probe in s["probes"] if probe not in probes],
        steps = [merged[number] for number in sorted(merged)],
    )

def _with_step(old, new, lab, replace):
    driver = "%sstep%d_driver" % (_OWN, new["number"])
    had = {c["name"]: True for c in old["checks"]} if old else {}
    added = [dict(c, own = True) for c in new["checks"] if c["name"] not in had]
    if old == None:
        if not new["title"]:
            fail("%s has no step %d: a new one needs a title" % (lab["lab"], new["number"]))
        return dict(new, anchor = lab["page"], checks = added, driver = driver)
    changed = {c["name"]: c for c in new["checks"]}
    checks = [changed.get(c["name"], c) for c in old["checks"] if c["name"] in changed or not replace]
    checks += added
    merged = {
        name: dict(old[name], **new[name])
        for name in ["probes", "references", "tools"]
    }
    return dict(
        old,
        checks = checks,
        driver = driver,
        driver_sources = ["@ipc_lab_kit//grader/%s:step%d_checks" % (lab["lab"], old["number"])],
        files = old["files"] + [f for f in new["files"] if f not in old["files"]],
        left_out = [c["name"] for c in old["checks"] if replace and c["name"] not in changed],
        modes = _modes_of(checks),
        programs = old["programs"] + [p for p in new["programs"] if p not in old["programs"]],
        title = new["title"] or old["title"],
        **merged
    )
