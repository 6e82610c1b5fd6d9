// The hostile submissions that the compiler's box must not build: each file of this folder whose
// header says `kind: refused`, through the program that compiles submissions.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "grader/grade/files.h"
#include "grader/submissions/limited.h"

namespace kit {
namespace {

namespace fs = std::filesystem;

constexpr char kHere[] = "grader/submissions/hostile";
constexpr char kFolder[] = "external/submissions/toy/hostile";

struct Hostile {
  std::string name;
  std::map<std::string, std::string> header;
  std::string source;
};

Hostile read_hostile(const fs::path& path) {
  Hostile hostile = {path.stem(), {}, ""};
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line) && !line.starts_with("--- ")) {
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) hostile.header[line.substr(0, colon)] = line.substr(colon + 2);
  }
  hostile.source = {std::istreambuf_iterator<char>(file), {}};
  return hostile;
}

std::vector<Hostile> all_refused() {
  std::vector<Hostile> all;
  for (const auto& entry : fs::directory_iterator(kHere)) {
    if (entry.path().extension() != ".txt") continue;
    Hostile hostile = read_hostile(entry.path());
    if (hostile.header["kind"] == "refused") all.push_back(std::move(hostile));
  }
  return all;
}

void write_file(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

// As the action for counter.cc runs it (grader/bazel/boxed.bzl).
Ended compile(const Hostile& hostile, const fs::path& folder) {
  const std::string source = std::string(kFolder) + "/counter.cc",
                    header = std::string(kFolder) + "/counter.h";
  write_file(folder / source, hostile.source);
  write_file(folder / header, "class Counter {\n public:\n  int add();\n  int last() const;\n};\n");
  write_file(folder / "inputs", source + "\n" + header + "\n");
  fs::create_directories(folder / "out");
  const std::string boxed = fs::absolute("grader/submissions/boxed");
  return run_limited({boxed, "--output", "out/counter.o", "--scan", "--inputs", "inputs", "--",
                      "/usr/bin/gcc", "-std=c++20", "-c", source, "-o", "out/counter.o"},
                     folder, {}, {}, Deadline::after_ms(300'000));
}

class Refused : public testing::TestWithParam<Hostile> {};

TEST_P(Refused, IsNotBuiltAndIsToldWhy) {
  const grade::TempDir folder;
  const Ended ended = compile(GetParam(), folder.path());
  ASSERT_TRUE(WIFEXITED(ended.status));
  EXPECT_EQ(WEXITSTATUS(ended.status), 1) << ended.output;
  EXPECT_NE(ended.output.find(GetParam().header.at("says")), std::string::npos) << ended.output;
  EXPECT_FALSE(ended.output.starts_with("boxed: ")) << ended.output;
  EXPECT_EQ(ended.output.find("root:x:"), std::string::npos) << ended.output;
  EXPECT_FALSE(fs::exists(folder.path() / "out/counter.o"));
}

INSTANTIATE_TEST_SUITE_P(Hostile, Refused, testing::ValuesIn(all_refused()),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace kit
