// The program that compiles a submission, as the action for one file runs it
// (grader/bazel/boxed.bzl).
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "grader/grade/files.h"
#include "grader/submissions/limited.h"

namespace kit {
namespace {

namespace fs = std::filesystem;

constexpr char kSource[] = "#include <mutex>\nstd::mutex mutex;\n";

class Boxed : public testing::Test {
 protected:
  Boxed() {
    write("a.cc", kSource);
    write("inputs", "a.cc\n");
    fs::create_directories(folder_.path() / "out");
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_.path() / name) << text;
  }

  Ended run(const std::vector<std::string>& command) const {
    return run_limited(command, folder_.path(), {}, {}, Deadline::after_ms(300'000));
  }

  Ended compile() const {
    return run({fs::absolute("grader/submissions/boxed"), "--output", "out/a.o", "--scan",
                "--inputs", "inputs", "--", "/usr/bin/gcc", "-std=c++20", "-c", "a.cc", "-o",
                "out/a.o"});
  }

  bool has_object() const { return fs::exists(folder_.path() / "out/a.o"); }

 private:
  grade::TempDir folder_;
};

TEST_F(Boxed, CompilesWhatItHasLookedThrough) {
  const Ended ended = compile();
  EXPECT_TRUE(ended.is_ok()) << ended.output;
  EXPECT_TRUE(has_object());
}

}  // namespace
}  // namespace kit
