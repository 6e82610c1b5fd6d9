#!/usr/bin/python3 -B
"""Tests of submissions.py."""

import pathlib
import tempfile
import unittest

import submissions

HOSTILE = """what: forges a result
lab: toy
step: 1
says: a: b
--- a.cc
int a;  // --- no file
--- b.cc
int b;
"""


class ReadHostile(unittest.TestCase):
    def test_gives_the_header_and_each_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "x.txt"
            path.write_text(HOSTILE)
            header, files = submissions.read_hostile(path)
        self.assertEqual(header, {"what": "forges a result", "lab": "toy", "step": "1", "says": "a: b"})
        self.assertEqual(files, {"a.cc": b"int a;  // --- no file\n", "b.cc": b"int b;\n"})


class LayOut(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.top = pathlib.Path(self.folder.name)
        solution = self.top / "solutions/x"
        solution.mkdir(parents=True)
        (solution / "BUILD").write_text("# targets\n")
        (solution / "a.cc").write_text("//~ begin step 1: Write it.\n//~| return 0;\nreturn 1;\n//~ end\n")
        (solution / "b.cc").write_text("as it is\n")

    def test_lays_the_files_over_the_starter(self):
        out = self.top / "out"
        submissions.lay_out(self.top, "x", {"b.cc": b"theirs"}, out)
        self.assertEqual((out / "a.cc").read_text(), "// TODO(step 1): Write it.\nreturn 0;\n")
        self.assertEqual((out / "b.cc").read_text(), "theirs")
        self.assertIn('submission_runs(MANIFEST, "out")', (out / "BUILD").read_text())

    def test_hands_in_what_a_student_has_to_write(self):
        out = self.top / "out"
        submissions.lay_out_reference(self.top, self.top / "solutions/x", out)
        self.assertIn("return 1;", (out / "a.cc").read_text())
        self.assertEqual((out / "b.cc").read_text(), "as it is\n")

    def test_takes_the_checks_of_an_instructor(self):
        out = self.top / "out"
        submissions.lay_out(self.top, "x", {}, out, submissions.OWN)
        self.assertIn('load("@hidden_checks//:manifest.bzl", "MANIFEST")', (out / "BUILD").read_text())

    def test_takes_no_build_file_and_no_path(self):
        for name in ("BUILD", "../b.cc"):
            with self.assertRaises(SystemExit):
                submissions.lay_out(self.top, "x", {name: b""}, self.top / "out")


if __name__ == "__main__":
    unittest.main()
