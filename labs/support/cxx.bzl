"""The compiler's options for the labs, in one place."""

LAB_COPTS = [
    "-Wall",
    "-Wextra",
    "-std=c++20",
]
