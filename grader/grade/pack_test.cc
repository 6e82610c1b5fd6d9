#include "grader/grade/pack.h"

#include <gtest/gtest.h>

#include <fstream>

#include "grader/grade/errors.h"
#include "grader/grade/files.h"

namespace kit::grade {
namespace {

class Workspace {
 public:
  Workspace() {
    manifest.lab = "toy";
    manifest.lab_package = "labs/toy";
    manifest.steps = {{1, "One", "", {"b.cc", "a.h"}, {}, {}}, {2, "Two", "", {"b.cc"}, {}, {}}};
    std::filesystem::create_directories(root() / "labs/toy");
    for (const char* name : {"a.h", "b.cc", "main.cc", "notes.txt"}) write(name, name);
    write("BUILD", R"(cc_binary(name = "toy", srcs = ["main.cc"]))");
  }

  const std::filesystem::path& root() const { return folder_.path(); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(root() / "labs/toy" / name) << text;
  }

  Manifest manifest;

 private:
  TempDir folder_;
};

TEST(Pack, TakesTheFilesThatTheManifestNames) {
  const Workspace workspace;
  const Pack pack = collect_pack(workspace.manifest, workspace.root());
  ASSERT_EQ(pack.files.size(), 2u);
  EXPECT_EQ(pack.files.at("a.h").content, "a.h");
  EXPECT_EQ(pack.files.at("b.cc").content, "b.cc");
  EXPECT_TRUE(pack.left_out.empty());
}

TEST(Pack, NamesSourcesThatAreLeftOut) {
  const Workspace workspace;
  workspace.write("helper.h", "");
  const Pack pack = collect_pack(workspace.manifest, workspace.root());
  EXPECT_EQ(pack.left_out, std::vector<std::string>{"helper.h"});
  EXPECT_NE(pack_summary(pack, "x.tar.gz").find("Not handed in"), std::string::npos);
}

TEST(Pack, RefusesWhenAFileIsMissing) {
  const Workspace workspace;
  std::filesystem::remove(workspace.root() / "labs/toy/b.cc");
  try {
    collect_pack(workspace.manifest, workspace.root());
    FAIL() << "nothing was thrown";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("labs/toy lacks b.cc"), std::string::npos);
  }
}

TEST(Pack, IsTheSameBytesWheneverItIsMade) {
  const Workspace workspace;
  const Pack first = collect_pack(workspace.manifest, workspace.root());
  const std::string bytes = make_archive(ArchiveFormat::kTarGz, first.files);
  workspace.write("b.cc", "b.cc");  // a new time
  const Pack second = collect_pack(workspace.manifest, workspace.root());
  EXPECT_EQ(bytes, make_archive(ArchiveFormat::kTarGz, second.files));
}

}  // namespace
}  // namespace kit::grade
