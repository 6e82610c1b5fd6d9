#!/usr/bin/python3 -B
"""Tests of subjects.py: what a patch's header must say, and what becomes of one that does not fit."""

import pathlib
import tempfile
import unittest

import subjects

HEADER = "what: it counts in twos\nstep: 1\ncheck: Counter.CountsUp\nmode: plain\nstatus: failed\n"
DIFF = """
--- a/counter.cc
+++ b/counter.cc
@@ -1,2 +1,2 @@
 int count = 0;
-int next() { return ++count; }
+int next() { return count += 2; }
"""
SOURCE = "int count = 0;\nint next() { return ++count; }\n"
BUILD = 'cc_library(\n    name = "counter",\n    srcs = ["counter.cc"],\n)\n'


class Patches(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.solution = self.root / "solution"
        self.solution.mkdir()
        (self.solution / "counter.cc").write_text(SOURCE)
        (self.solution / "BUILD").write_text(BUILD)
        self.output = self.root / "mutant"

    def make(self, text):
        patch = self.root / "twos.patch"
        patch.write_text(text)
        return subjects.make_mutant(patch, self.solution, self.output, "@kit//solution")

    def test_good_patch_gives_its_header_and_the_changed_code(self):
        made = self.make(HEADER + DIFF)
        self.assertNotIn("error", made)
        self.assertEqual((made["step"], made["check"]), (1, "Counter.CountsUp"))
        self.assertIn("count += 2", (self.output / "counter.cc").read_text())

    def test_value_may_hold_colons(self):
        made = self.make(HEADER.replace("in twos", "in twos: 2, 4") + DIFF)
        self.assertEqual(made["what"], "it counts in twos: 2, 4")

    def test_missing_field_is_named(self):
        for field in subjects.REQUIRED:
            lines = [line for line in HEADER.splitlines(True) if not line.startswith(field + ":")]
            self.assertEqual(self.make("".join(lines) + DIFF), {"error": f"twos.patch: the header lacks {field}"})

    def test_empty_field_counts_as_missing(self):
        made = self.make(HEADER.replace("mode: plain", "mode:") + DIFF)
        self.assertEqual(made, {"error": "twos.patch: the header lacks mode"})

    def test_step_that_is_no_number(self):
        made = self.make(HEADER.replace("step: 1", "step: first") + DIFF)
        self.assertIn("step is no number: first", made["error"])

    def test_patch_that_does_not_apply(self):
        (self.solution / "counter.cc").write_text(SOURCE.replace("++count", "count++"))
        made = self.make(HEADER + DIFF)
        self.assertIn("twos.patch does not apply to the solution", made["error"])

    def test_patch_of_a_file_that_is_not_there(self):
        (self.solution / "counter.cc").unlink()
        self.assertIn("does not apply", self.make(HEADER + DIFF)["error"])

    def test_solution_stays_as_it_was(self):
        self.make(HEADER + DIFF)
        self.assertEqual((self.solution / "counter.cc").read_text(), SOURCE)


if __name__ == "__main__":
    unittest.main()
