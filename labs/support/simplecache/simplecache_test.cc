#include "labs/support/simplecache/simplecache.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

#include "gtest/gtest.h"

namespace {

using simplecache::Index;

std::string write_file(const std::string& name, const std::string& content) {
  std::string path = testing::TempDir() + "/" + name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

std::string content_of(int fd) {
  char buffer[64];
  ssize_t count = ::pread(fd, buffer, sizeof buffer, 0);
  return count < 0 ? "cannot be read" : std::string(buffer, static_cast<std::size_t>(count));
}

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

TEST(SimplecacheIndex, FindsEachKeysFile) {
  std::string first = write_file("first", "one"), second = write_file("second", "");
  Index index =
      Index::load(write_file("index", "/a " + first + "\n\n  /b\t" + second + "  \n/c " + first));
  EXPECT_EQ(index.size(), 3u);
  EXPECT_EQ(content_of(index.find("/a")), "one");
  EXPECT_EQ(content_of(index.find("/b")), "");
  EXPECT_EQ(content_of(index.find("/c")), "one");
}

TEST(SimplecacheIndex, GivesEverybodyTheSameDescriptor) {
  Index index = Index::load(write_file("index", "/a " + write_file("first", "one")));
  EXPECT_EQ(index.find("/a"), index.find("/a"));
}

TEST(SimplecacheIndex, KnowsNoOtherKey) {
  Index index = Index::load(write_file("index", "/a " + write_file("first", "one")));
  EXPECT_EQ(index.find("/"), -1);
  EXPECT_EQ(index.find("/aa"), -1);
  EXPECT_EQ(index.find(""), -1);
}

TEST(SimplecacheIndex, NamesTheLineThatMakesNoSense) {
  std::string file = write_file("first", "one");
  for (const std::string& line : {std::string("/b"), "/b " + file + " c", "/a " + file}) {
    std::string index = write_file("index", "/a " + file + "\n" + line + "\n");
    try {
      Index::load(index);
      FAIL() << line;
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string(error.what()).find(index + ":2: "), std::string::npos) << error.what();
    }
  }
}

TEST(SimplecacheIndex, RefusesFilesThatAreNotThere) {
  EXPECT_THROW(Index::load(write_file("index", "/a /not/there\n")), std::system_error);
  EXPECT_THROW(Index::load("/not/there"), std::system_error);
}

TEST(Simplecache, LivesFromInitToDestroy) {
  EXPECT_EQ(simplecache_get("/a"), -1);
  simplecache_init(write_file("index", "/a " + write_file("first", "one")));
  int fd = simplecache_get("/a");
  EXPECT_EQ(content_of(fd), "one");
  EXPECT_EQ(simplecache_get("/b"), -1);
  simplecache_destroy();
  EXPECT_FALSE(is_open(fd));
  EXPECT_EQ(simplecache_get("/a"), -1);
}

}  // namespace
