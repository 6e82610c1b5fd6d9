#!/usr/bin/python3 -B
"""Tests of starter.py."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import starter

HOLE = """int next() {
  //~ begin step 2: Give the next number.
  //~   Two threads may ask.
  //~| return 0;
  static std::atomic<int> last;
  return ++last;
  //~ end
}
"""


class Holes(unittest.TestCase):
    def test_code_gives_way_to_what_the_student_is_told(self):
        self.assertEqual(
            starter.starter_of(HOLE, "next.cc"),
            "int next() {\n  // TODO(step 2): Give the next number.\n  // Two threads may ask.\n"
            "  return 0;\n}\n",
        )

    def test_text_without_markers_stays_as_it_is(self):
        self.assertEqual(starter.starter_of("a\n\n  b // ~ c\n", "x"), "a\n\n  b // ~ c\n")

    def test_hash_comments_have_markers_too(self):
        text = "#~ begin step 1: Say it.\n#~| pass\nsay()\n#~ end\n"
        self.assertEqual(starter.starter_of(text, "x.py"), "# TODO(step 1): Say it.\npass\n")

    def test_several_holes_each_keep_their_own_place(self):
        self.assertEqual(starter.starter_of(HOLE + HOLE, "x").count("TODO(step 2)"), 2)

    def test_empty_line_to_stand_instead(self):
        text = "//~ begin step 1: A.\n//~|\nb();\n//~ end"
        self.assertEqual(starter.starter_of(text, "x"), "// TODO(step 1): A.\n")

    def test_file_for_the_solution_only_is_left_out(self):
        self.assertIsNone(starter.starter_of("//~ solution only\nint x;\n", "x"))


class Refusals(unittest.TestCase):
    def assert_refused(self, text, place, words):
        with self.assertRaises(starter.MarkerError) as caught:
            starter.starter_of(text, "x.cc")
        self.assertTrue(str(caught.exception).startswith(place + ": "), caught.exception)
        self.assertIn(words, str(caught.exception))

    def test_nested_hole(self):
        text = "//~ begin step 1: A.\nb();\n//~ begin step 1: C.\n//~ end\n//~ end\n"
        self.assert_refused(text, "x.cc:3", "within the hole of line 1")

    def test_hole_that_is_not_ended(self):
        self.assert_refused("a();\n//~ begin step 1: A.\nb();\n", "x.cc:2", "not ended")

    def test_end_without_beginning(self):
        self.assert_refused("a();\n//~ end\n", "x.cc:2", "without a beginning")

    def test_stray_replacement(self):
        self.assert_refused("a();\n//~| return 0;\n", "x.cc:2", "neither beginning, end nor part")

    def test_replacement_behind_the_code(self):
        text = "//~ begin step 1: A.\nb();\n//~| return 0;\n//~ end\n"
        self.assert_refused(text, "x.cc:3", "neither beginning, end nor part")

    def test_beginning_without_a_step(self):
        self.assert_refused("//~ begin: A.\n", "x.cc:1", "neither beginning")

    def test_misspelt_line_within_a_hole(self):
        self.assert_refused("//~ begin step 1: A.\n//~ finish\n//~ end\n", "x.cc:2", "not a marker")

    def test_marker_behind_code_would_stay(self):
        self.assert_refused("a();\nb();  //~ end\n", "x.cc:2", "would stay")

    def test_marker_in_what_is_to_stand_instead_would_stay(self):
        self.assert_refused("//~ begin step 1: A.\n//~| c();  //~ end\n//~ end\n", "x.cc:2", "would stay")

    def test_solution_only_that_is_not_the_first_line(self):
        self.assert_refused("a();\n//~ solution only\n", "x.cc:2", "neither beginning")


class Folders(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.solution = pathlib.Path(folder.name) / "solution"
        self.output = pathlib.Path(folder.name) / "starter"
        (self.solution / "deeper").mkdir(parents=True)

    def run_program(self):
        return subprocess.run(
            [sys.executable, "-B", starter.__file__, self.solution, self.output],
            capture_output=True,
            text=True,
            check=False,
        )

    def test_tree_is_mirrored_with_its_permissions(self):
        script = self.solution / "deeper" / "run.sh"
        script.write_text("#!/bin/sh\n")
        script.chmod(0o755)
        (self.solution / "hidden.cc").write_text("//~ solution only\n")
        self.assertEqual(self.run_program().returncode, 0)
        self.assertEqual((self.output / "deeper" / "run.sh").stat().st_mode & 0o777, 0o755)
        self.assertFalse((self.output / "hidden.cc").exists())

    def test_wrong_markers_end_it_with_file_and_line(self):
        (self.solution / "a.cc").write_text("\n//~ end\n")
        done = self.run_program()
        self.assertEqual(done.returncode, 1)
        self.assertIn("a.cc:2: an end without a beginning", done.stderr)


if __name__ == "__main__":
    unittest.main()
