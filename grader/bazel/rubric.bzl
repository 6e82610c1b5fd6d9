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
    return {"name": name, "needs": needs, "points": points}

def step(number, title, files, checks, programs = [], probes = {}, references = {}, tools = {}):
    """One module of a lab.

    Args:
      number: from 1.
      title: as the report shows it.
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
    used = {}
    for c in checks:
        for mode in c["points"]:
            used[mode] = True
    return {
        "anchor": None,  # set by manifest()
        "checks": checks,
        "files": files,
        "modes": [mode for mode in MODES if mode in used],
        "number": number,
        "probes": probes,
        "programs": programs,
        "references": references,
        "title": title,
        "tools": tools,
    }

def manifest(lab, title, steps, lab_package = None, solution_package = None, page = None, internal = False):
    """A lab. The packages follow from its name; only the grader's own toy lab says otherwise."""
    page = page or "docs/labs/%s.md" % lab
    for s in steps:
        s["anchor"] = "%s#step-%d" % (page, s["number"])
    return {
        "format": 1,
        "internal": internal,
        "lab": lab,
        "lab_package": lab_package or "labs/" + lab,
        "page": page,
        "solution_package": solution_package or "solutions/" + lab,
        "steps": steps,
        "title": title,
    }
