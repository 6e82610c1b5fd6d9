"""Warnings for the kit's own C++: one place."""

COPTS = [
    "-Wall",
    "-Wextra",
    "-Werror",
]
