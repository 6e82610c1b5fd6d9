#include "grader/grade/watch.h"

#include <gtest/gtest.h>

#include <fstream>

#include "grader/grade/files.h"

namespace kit::grade {
namespace {

namespace fs = std::filesystem;

void save(const fs::path& file) { std::ofstream(file) << "text"; }

TEST(SourceWatch, SeesAFileThatIsWrittenInPlace) {
  const TempDir folder;
  SourceWatch watch({folder.path()});
  EXPECT_FALSE(watch.take_changes());
  save(folder.path() / "ring_buffer.cc");
  EXPECT_TRUE(watch.take_changes());
  EXPECT_EQ(watch.last_changed(), "ring_buffer.cc");
  EXPECT_FALSE(watch.take_changes());
}

TEST(SourceWatch, SeesAFileThatIsRenamedIntoPlace) {
  const TempDir folder;
  const TempDir elsewhere;
  SourceWatch watch({folder.path()});
  save(elsewhere.path() / "new");
  fs::rename(elsewhere.path() / "new", folder.path() / "ring_buffer.h");
  EXPECT_TRUE(watch.take_changes());
  EXPECT_EQ(watch.last_changed(), "ring_buffer.h");
}

TEST(SourceWatch, SeesTheBuildFileAndADeletion) {
  const TempDir folder;
  SourceWatch watch({folder.path()});
  save(folder.path() / "BUILD");
  EXPECT_TRUE(watch.take_changes());
  fs::remove(folder.path() / "BUILD");
  EXPECT_TRUE(watch.take_changes());
}

TEST(SourceWatch, PassesOverWhatEditorsLeaveBeside) {
  const TempDir folder;
  SourceWatch watch({folder.path()});
  for (const char* name : {".ring_buffer.cc.swp", "ring_buffer.cc~", "#ring_buffer.cc#", "4913"}) {
    save(folder.path() / name);
  }
  EXPECT_FALSE(watch.take_changes());
}

TEST(SourceWatch, FindsAFolderThatWasReplaced) {
  const TempDir parent;
  fs::create_directory(parent.path() / "lab");
  SourceWatch watch({parent.path() / "lab"});
  fs::remove(parent.path() / "lab");
  fs::create_directory(parent.path() / "lab");
  watch.renew();
  watch.take_changes();
  save(parent.path() / "lab" / "a.cc");
  EXPECT_TRUE(watch.take_changes());
}

}  // namespace
}  // namespace kit::grade
