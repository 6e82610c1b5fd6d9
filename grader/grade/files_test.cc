#include "grader/grade/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "grader/grade/errors.h"

namespace kit::grade {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::size_t count_files(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(WriteWholeFile, ReplacesWhatWasThere) {
  const TempDir folder;
  const fs::path file = folder.path() / "report";
  write_whole_file(file, "a longer text");
  write_whole_file(file, "short");
  EXPECT_EQ(content(file), "short");
  EXPECT_EQ(count_files(folder.path()), 1u);
}

TEST(WriteWholeFile, LeavesNothingBehindWhenTheNameIsTaken) {
  const TempDir folder;
  fs::create_directory(folder.path() / "report");
  EXPECT_THROW(write_whole_file(folder.path() / "report", "text"), GraderError);
  EXPECT_EQ(count_files(folder.path()), 1u);
}

TEST(WriteWholeFile, SaysThatTheDiskIsFull) {
  try {
    write_whole_file("/dev/full", "text");
    FAIL();
  } catch (const GraderError& error) {
    EXPECT_STREQ(error.what(), "cannot write /dev/full: No space left on device");
  }
}

TEST(WriteWholeFile, NamesTheFileWhoseFolderIsMissing) {
  try {
    write_whole_file("/nonexistent/report", "text");
    FAIL();
  } catch (const GraderError& error) {
    EXPECT_STREQ(error.what(), "cannot write /nonexistent/report: No such file or directory");
  }
}

TEST(TempDir, GoesAwayWithWhatIsInIt) {
  fs::path path;
  {
    const TempDir folder;
    path = folder.path();
    write_whole_file(path / "file", "text");
  }
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace
}  // namespace kit::grade
