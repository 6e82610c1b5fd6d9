#include "grader/grade/paths.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace kit::grade {
namespace {

class Paths : public testing::Test {
 protected:
  void SetUp() override { setenv("BUILD_WORKING_DIRECTORY", "/home/ann/class", 1); }
};

TEST_F(Paths, AreThoseOfThePerson) {
  EXPECT_EQ(path_of_person("in/bob.zip"), "/home/ann/class/in/bob.zip");
  EXPECT_EQ(path_of_person("/in/bob.zip"), "/in/bob.zip");
}

TEST_F(Paths, AreShownAsThePersonTypesThem) {
  EXPECT_EQ(typed_path(path_of_person("in/bob.zip")), "in/bob.zip");
  EXPECT_EQ(typed_path(path_of_person("./in/bob/")), "in/bob/");
  EXPECT_EQ(typed_path("/in/bob.zip"), "/in/bob.zip");
  EXPECT_EQ(typed_path(path_of_person("../other/bob.zip")), "/home/ann/other/bob.zip");
}

TEST_F(Paths, AreOneWordOfAShellWhateverIsInThem) {
  EXPECT_EQ(typed_path("/in/bob's \n$(x).zip"), "$'/in/bob\\x27s \\x0a\\x24\\x28x\\x29.zip'");
}

}  // namespace
}  // namespace kit::grade
