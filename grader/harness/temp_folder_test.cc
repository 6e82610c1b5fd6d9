#include "grader/harness/temp_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace kit {
namespace {

namespace fs = std::filesystem;

std::string parent() { return std::getenv("TEST_TMPDIR"); }

TEST(TempFolder, GoesAwayWithAllThatIsInIt) {
  std::string path;
  {
    const TempFolder folder(parent());
    path = folder.path();
    fs::create_directory(path + "/deeper");
    std::ofstream(path + "/deeper/file") << "text";
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(TempFolder, EachIsAnother) {
  EXPECT_NE(TempFolder(parent()).path(), TempFolder(parent()).path());
}

TEST(TempFolder, OneInUseIsNotRemoved) {
  const TempFolder folder(parent());
  remove_abandoned_folders(parent(), 0);
  EXPECT_TRUE(fs::exists(folder.path()));
}

TEST(TempFolder, AbandonedOneIsRemovedWhenItIsOld) {
  const std::string abandoned = parent() + "/kit.abcdef";
  fs::create_directories(abandoned + "/box");
  remove_abandoned_folders(parent(), 600);
  EXPECT_TRUE(fs::exists(abandoned));
  remove_abandoned_folders(parent(), 0);
  EXPECT_FALSE(fs::exists(abandoned));
}

TEST(TempFolder, SomebodyElsesFolderStays) {
  const std::string other = parent() + "/another.abcdef";
  fs::create_directory(other);
  remove_abandoned_folders(parent(), 0);
  EXPECT_TRUE(fs::exists(other));
}

TEST(TempFolder, LinkToAnotherFolderIsNotFollowed) {
  const std::string target = parent() + "/target";
  fs::create_directory(target);
  fs::create_directory_symlink(target, parent() + "/kit.symlink");
  remove_abandoned_folders(parent(), 0);
  EXPECT_TRUE(fs::exists(target));
}

TEST(TempFolder, ParentThatIsNotThere) { EXPECT_THROW(TempFolder("/nowhere"), std::system_error); }

}  // namespace
}  // namespace kit
