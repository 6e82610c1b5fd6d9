#include "grader/class/students.h"

#include <gtest/gtest.h>

#include <fstream>

#include "grader/class/digest.h"
#include "grader/class/similarity.h"
#include "grader/grade/errors.h"
#include "grader/grade/files.h"

namespace kit::grade {
namespace {

namespace fs = std::filesystem;

class StudentsTest : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text = "") const {
    fs::create_directories((root() / name).parent_path());
    std::ofstream(root() / name) << text;
  }
  const fs::path& root() const { return folder_.path(); }

 private:
  TempDir folder_;
};

TEST_F(StudentsTest, AreFoldersAndArchives) {
  for (const char* name : {"bob/a.cc", "ann.tar.gz", "cy.zip", "rules.json", ".hidden.zip"}) {
    write(name);
  }
  const Students students = find_students(root());
  ASSERT_EQ(students.all.size(), 3u);
  EXPECT_EQ(students.all[0].name, "ann");
  EXPECT_EQ(students.all[1].page, "bob");
  EXPECT_EQ(students.ignored, (std::vector<std::string>{".hidden.zip", "rules.json"}));
}

TEST_F(StudentsTest, WithOneNameAreRefused) {
  write("ann/a.cc");
  write("ann.zip");
  EXPECT_THROW(find_students(root()), UsageError);
  EXPECT_THROW(find_students(root() / "nowhere"), UsageError);
}

TEST_F(StudentsTest, HavePagesOfTheirOwnWithSafeNames) {
  for (const char* name : {"a b.zip", "a\tb.zip", "\xc3\xbc\"<.zip", "-x.zip"}) write(name);
  std::set<std::string> pages;
  for (const Student& student : find_students(root()).all) {
    EXPECT_EQ(student.page.find_first_of(" \t\"<\xc3/"), std::string::npos) << student.page;
    pages.insert(student.page);
  }
  EXPECT_EQ(pages.size(), 4u);
}

TEST_F(StudentsTest, HaveAFingerprintOfNamesAndContents) {
  write("ann/a.cc", "one");
  const std::string before = digest_of_path(root() / "ann");
  EXPECT_EQ(before.size(), 64u);
  EXPECT_EQ(digest_of_path(root() / "ann"), before);
  write("ann/a.cc", "two");
  const std::string changed = digest_of_path(root() / "ann");
  EXPECT_NE(changed, before);
  fs::rename(root() / "ann/a.cc", root() / "ann/b.cc");
  EXPECT_NE(digest_of_path(root() / "ann"), changed);
}

TEST_F(StudentsTest, HaveAFingerprintThatFollowsNoLink) {
  write("secret", "one");
  fs::create_directories(root() / "ann");
  fs::create_symlink(root() / "secret", root() / "ann/link");
  const std::string before = digest_of_path(root() / "ann");
  write("secret", "two");
  EXPECT_EQ(digest_of_path(root() / "ann"), before);
}

std::string function(const std::string& name) {
  std::string text = "int " + name + "(int x) {\n";
  for (int i = 0; i < 12; ++i) {
    text += "  if (x % " + std::to_string(i + 3) + " == " + name + "_limit) x = x * x + 7;\n";
  }
  return text + "  return x;\n}\n";
}

TEST(Similarity, FindsACopyUnderOtherNames) {
  const std::string other =
      "struct Tree { Tree* left; Tree* right; double weight; };\n"
      "double sum(const Tree* t) { return t ? t->weight : 0.0; }\n";
  const auto alike =
      find_alike({{"ann", function("f")}, {"bob", function("g")}, {"cy", other}}, 50);
  ASSERT_EQ(alike.size(), 2u);  // one way and the other
  EXPECT_EQ(alike[0].percent, 100);
  for (const Likeness& like : alike) {
    EXPECT_NE(like.first, "cy");
    EXPECT_NE(like.second, "cy");
  }
}

TEST(Similarity, LeavesOutWhatTheStarterHas) {
  const auto given = telling_lines("int f();\n  // TODO(step 1): Count.\n}\n");
  EXPECT_EQ(own_text({{"a.cc", "int f();\n    // TODO(step 1): Count.\n  return 3;\n}\n"}}, given),
            "  return 3;\n}\n");
}

TEST(Similarity, ReadsNothingIntoStrangeOutput) {
  EXPECT_TRUE(
      parse_alike("7.cc consists for 90 % of 0.cc material\nwarning\n", {{"ann", ""}}).empty());
}

}  // namespace
}  // namespace kit::grade
