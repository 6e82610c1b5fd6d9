#include "grader/submissions/intake.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "grader/grade/files.h"

namespace kit::grade {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kWanted = {"counter.h", "counter.cc"};

// An archive as somebody hostile would make it: any name, any kind.
class ArchiveMaker {
 public:
  ArchiveMaker(const fs::path& file, bool is_zip) : archive_(archive_write_new()) {
    if (is_zip) {
      archive_write_set_format_zip(archive_);
    } else {
      archive_write_set_format_pax_restricted(archive_);
      if (file.extension() == ".gz") archive_write_add_filter_gzip(archive_);
    }
    archive_write_open_filename(archive_, file.c_str());
  }
  ~ArchiveMaker() { archive_write_free(archive_); }

  ArchiveMaker& add(const std::string& name, const std::string& text, mode_t kind = AE_IFREG,
                    const char* link = nullptr) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_filetype(entry, kind);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(text.size()));
    if (link != nullptr && kind == AE_IFLNK) archive_entry_set_symlink(entry, link);
    if (link != nullptr && kind == AE_IFREG) archive_entry_set_hardlink(entry, link);
    archive_write_header(archive_, entry);
    archive_write_data(archive_, text.data(), text.size());
    archive_entry_free(entry);
    return *this;
  }

 private:
  archive* archive_;
};

std::vector<std::string> names(const std::vector<Note>& notes) {
  std::vector<std::string> out;
  for (const Note& note : notes) out.push_back(note.name);
  std::sort(out.begin(), out.end());
  return out;
}

std::string message_of(const fs::path& path, const IntakeLimits& limits = {}) {
  try {
    take_in(path, kWanted, limits);
  } catch (const IntakeError& error) {
    return error.what();
  }
  return "nothing is wrong with it";
}

void write_file(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

class TakeIn : public testing::Test {
 protected:
  fs::path file(const std::string& name) const { return folder_.path() / name; }
  TempDir folder_;
};

TEST_F(TakeIn, TakesWhatTheManifestNamesFromEachKindOfArchive) {
  for (const char* name : {"a.zip", "a.tar", "a.tar.gz"}) {
    ArchiveMaker(file(name), file(name).extension() == ".zip")
        .add("lab/counter.cc", "int a;")
        .add("lab/BUILD", "cc_library()")
        .add("lab/.bazelrc", "build --x");
    const Submission got = take_in(file(name), kWanted);
    EXPECT_EQ(got.files, (std::map<std::string, std::string>{{"counter.cc", "int a;"}})) << name;
    EXPECT_EQ(names(got.ignored), (std::vector<std::string>{"lab/.bazelrc", "lab/BUILD"}));
    EXPECT_EQ(got.missing, std::vector<std::string>{"counter.h"});
    EXPECT_TRUE(got.refused.empty());
  }
}

TEST_F(TakeIn, RefusesLinksDevicesAndPathsThatLeadOutside) {
  ArchiveMaker(file("a.tar"), false)
      .add("counter.cc", "", AE_IFLNK, "/etc/passwd")
      .add("hard/counter.cc", "", AE_IFREG, "/etc/shadow")
      .add("pipe/counter.cc", "", AE_IFIFO)
      .add("device/counter.cc", "", AE_IFCHR)
      .add("/root/counter.cc", "x")
      .add("a/../../counter.cc", "x")
      .add("src/counter.h", "good");
  const Submission got = take_in(file("a.tar"), kWanted);
  EXPECT_EQ(got.files, (std::map<std::string, std::string>{{"counter.h", "good"}}));
  EXPECT_EQ(got.refused.size(), 6u);
  EXPECT_EQ(got.missing, std::vector<std::string>{"counter.cc"});
}

TEST_F(TakeIn, RefusesTheSameInAZip) {
  ArchiveMaker(file("a.zip"), true)
      .add("counter.cc", "/etc/passwd", AE_IFLNK, "/etc/passwd")
      .add("../counter.h", "x");
  const Submission got = take_in(file("a.zip"), kWanted);
  EXPECT_TRUE(got.files.empty());
  EXPECT_EQ(names(got.refused), (std::vector<std::string>{"../counter.h", "counter.cc"}));
}

TEST_F(TakeIn, TakesTheFileThatLiesNearestToTheTop) {
  ArchiveMaker(file("a.zip"), true)
      .add("old/src/counter.cc", "old")
      .add("src/counter.cc", "new")
      .add("zzz/copy/counter.cc", "copy");
  const Submission got = take_in(file("a.zip"), kWanted);
  EXPECT_EQ(got.files.at("counter.cc"), "new");
  EXPECT_EQ(names(got.ignored),
            (std::vector<std::string>{"old/src/counter.cc", "zzz/copy/counter.cc"}));
}

TEST_F(TakeIn, IsNotFilledByAnArchiveThatUnpacksToMoreAndMore) {
  const std::string zeros(8 << 20, '\0');
  ArchiveMaker(file("a.tar.gz"), false).add("zeros", zeros);
  ArchiveMaker(file("a.zip"), true).add("zeros", zeros);
  EXPECT_NE(message_of(file("a.tar.gz")).find("times its size"), std::string::npos);
  EXPECT_NE(message_of(file("a.zip")).find("times its size"), std::string::npos);
  IntakeLimits limits;
  limits.unpacked_bytes = 1 << 20;
  EXPECT_NE(message_of(file("a.zip"), limits).find("more than 1 MiB"), std::string::npos);
}

TEST_F(TakeIn, CountsTheEntriesOfAnArchiveAndOfAFolder) {
  IntakeLimits limits;
  limits.entries = 10;
  {
    ArchiveMaker maker(file("a.zip"), true);
    for (int i = 0; i < 11; ++i) {
      maker.add(std::to_string(i), "");
      write_file(file("many") / std::to_string(i), "");
    }
  }
  EXPECT_NE(message_of(file("many"), limits).find("more than 10 entries"), std::string::npos);
  EXPECT_NE(message_of(file("a.zip"), limits).find("more than 10 entries"), std::string::npos);
}

TEST_F(TakeIn, RefusesAFileThatIsTooLargeWithoutReadingIt) {
  write_file(file("sub/counter.cc"), "x");
  ASSERT_EQ(truncate(file("sub/counter.cc").c_str(), off_t{4} << 30), 0);
  const Submission got = take_in(file("sub"), kWanted);
  ASSERT_EQ(got.refused.size(), 1u);
  EXPECT_EQ(got.refused[0].why, "it is larger than 1024 KiB");
}

TEST_F(TakeIn, FollowsNoLinkOfAFolderAndOpensNoPipe) {
  write_file(file("secret"), "secret");
  fs::create_directories(file("sub/deep"));
  fs::create_symlink(file("secret"), file("sub/counter.cc"));
  fs::create_directory_symlink(folder_.path(), file("sub/deep/more"));
  ASSERT_EQ(mkfifo(file("sub/deep/counter.h").c_str(), 0600), 0);
  const Submission got = take_in(file("sub"), kWanted);
  EXPECT_TRUE(got.files.empty());
  EXPECT_EQ(names(got.refused),
            (std::vector<std::string>{"counter.cc", "deep/counter.h", "deep/more"}));
}

TEST_F(TakeIn, ShowsNamesAsOneLineOfPlainText) {
  ArchiveMaker(file("a.tar"), false).add("a\nb\033[31m<b>", "x").add(std::string(600, 'p'), "x");
  const Submission got = take_in(file("a.tar"), kWanted);
  EXPECT_EQ(names(got.ignored), std::vector<std::string>{"a\\x0ab\\x1b[31m<b>"});
  ASSERT_EQ(got.refused.size(), 1u);
  EXPECT_EQ(got.refused[0].why, "its path is too long");
}

TEST_F(TakeIn, NamesNoMoreThanAFewOfMany) {
  for (int i = 0; i < 60; ++i) write_file(file("sub") / std::to_string(i), "");
  const Submission got = take_in(file("sub"), kWanted);
  ASSERT_EQ(got.ignored.size(), 51u);
  EXPECT_EQ(got.ignored.back().name, "and 10 more");
}

TEST_F(TakeIn, SaysSoWhenThereIsNoArchive) {
  write_file(file("a.zip"), "this is no archive");
  EXPECT_NE(message_of(file("a.zip")).find("no archive that can be read"), std::string::npos);
  EXPECT_NE(message_of(file("none")).find("No such file"), std::string::npos);
  ArchiveMaker(file("b.tar.gz"), false).add("counter.cc", std::string(100'000, 'x'));
  fs::resize_file(file("b.tar.gz"), fs::file_size(file("b.tar.gz")) / 2);
  EXPECT_NE(message_of(file("b.tar.gz")).find("no archive that can be read"), std::string::npos);
}

TEST(Describe, TellsWhatBecameOfTheFiles) {
  Submission got;
  got.files["counter.cc"] = "x";
  got.missing = {"counter.h"};
  got.ignored = {{"BUILD", "the lab does not ask for it"}};
  EXPECT_EQ(describe(got),
            "taken: counter.cc\n"
            "missing, and so graded as it was handed out: counter.h\n"
            "ignored:\n  BUILD: the lab does not ask for it\n");
}

}  // namespace
}  // namespace kit::grade
