// The parts of the GETFILE clients, and whole requests to a server that runs in this process.
#include <dirent.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "clients/gfclient_fetch.h"
#include "clients/gfclient_file.h"
#include "clients/gfclient_reply.h"
#include "gtest/gtest.h"
#include "labs/support/fd.h"
#include "labs/support/gfserver/server.h"
#include "labs/support/options.h"

namespace gfclient {
namespace {

using State = ReplyParser::State;

State judge(std::string_view bytes, gfs::Wire wire = gfs::Wire::kDocumented) {
  ReplyParser parser(wire);
  return parser.feed(bytes);
}

TEST(ReplyParser, LeavesTheContent) {
  ReplyParser parser(gfs::Wire::kDocumented);
  std::string_view bytes = "GETFILE OK 11\r\n\r\nHello";
  EXPECT_EQ(parser.feed(bytes), State::kComplete);
  EXPECT_EQ(parser.length(), 11u);
  EXPECT_EQ(bytes, "Hello");
}

TEST(ReplyParser, StockLeavesTheContentRightBehindTheSpace) {
  ReplyParser parser(gfs::Wire::kStock);
  std::string_view bytes = "GETFILE OK 3 \r\n x";
  EXPECT_EQ(parser.feed(bytes), State::kComplete);
  EXPECT_EQ(bytes, "\r\n x");
}

TEST(ReplyParser, KnowsTheOtherReplies) {
  ReplyParser documented(gfs::Wire::kDocumented);
  std::string_view bytes = "GETFILE INVALID\r\n\r\n";
  EXPECT_EQ(documented.feed(bytes), State::kComplete);
  EXPECT_EQ(documented.status(), gfs::Status::kInvalid);
  ReplyParser stock(gfs::Wire::kStock);
  bytes = "GETFILE FILE_NOT_FOUND 0\n";
  EXPECT_EQ(stock.feed(bytes), State::kComplete);
  EXPECT_EQ(stock.status(), gfs::Status::kFileNotFound);
}

TEST(ReplyParser, TakesTheLargestLengthAndNoLarger) {
  EXPECT_EQ(judge("GETFILE OK 18446744073709551615\r\n\r\n"), State::kComplete);
  EXPECT_EQ(judge("GETFILE OK 18446744073709551616\r\n\r\n"), State::kBad);
}

TEST(ReplyParser, RefusesWhatIsNoReply) {
  for (std::string_view bad :
       {"HTTP", "GETFILE OK \r", "GETFILE OK -1", "GETFILE OK 5 ", "GETFILE OK 5\n",
        "GETFILE MAYBE", "GETFILE FILE_NOT_FOUND 0\n", "GETFILE OK 5\r\nx"}) {
    EXPECT_EQ(judge(bad), State::kBad) << bad;
  }
  EXPECT_EQ(judge("GETFILE OK 5\r\n\r\n", gfs::Wire::kStock), State::kBad);
  EXPECT_EQ(judge("GETFILE OK " + std::string(100, '0')), State::kBad);
}

TEST(LocalName, StaysBelowTheCurrentDirectory) {
  EXPECT_EQ(local_name("/a/b.jpg"), "./a/b.jpg");
  EXPECT_EQ(local_name("//a/./b..c"), "./a/b..c");
  for (std::string_view bad : {"/..", "/../a", "/a/../b", "/a/..", "", "/", "/.", "/a/"}) {
    EXPECT_THROW(local_name(bad), std::runtime_error) << bad;
  }
}

// A directory of the test's own, which is the current one as long as this exists.
class OwnDirectory {
 public:
  OwnDirectory() : before_(std::filesystem::current_path()) {
    std::string name = testing::TempDir() + "/gfclient-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    std::filesystem::current_path(here_ = name);
  }
  ~OwnDirectory() {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(here_);
  }

  std::size_t entries(const std::string& folder = ".") const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
  }

 private:
  std::filesystem::path before_, here_;
};

TEST(DownloadFile, IsThereOnceItIsKept) {
  OwnDirectory directory;
  DownloadFile file("./a/b/file");
  file.append("con");
  file.append("tent");
  EXPECT_EQ(directory.entries("a/b"), 0u);
  file.keep();
  EXPECT_EQ(support::read_file("a/b/file"), "content");
  EXPECT_EQ(directory.entries("a/b"), 1u);
}

TEST(DownloadFile, LeavesNothingWhenItIsNotKept) {
  OwnDirectory directory;
  DownloadFile("./file").append("half");
  EXPECT_EQ(directory.entries(), 0u);
}

TEST(DownloadFile, TakesAnOlderOneAwayWhenItFails) {
  OwnDirectory directory;
  {
    DownloadFile file("./file");
    file.keep();
  }
  DownloadFile("./file").append("half");
  EXPECT_EQ(directory.entries(), 0u);
}

TEST(DownloadFile, ReplacesAnOlderOne) {
  OwnDirectory directory;
  for (std::string_view content : {"older", "new"}) {
    DownloadFile file("./file");
    file.append(content);
    file.keep();
  }
  EXPECT_EQ(support::read_file("file"), "new");
}

// A server with one file, /file, that breaks off for /short.
class TestServer {
 public:
  explicit TestServer(gfs::Wire wire)
      : stop_(::eventfd(0, EFD_CLOEXEC)), server_(server_options(wire), &answer) {
    options.port = server_.port();
    options.server = "127.0.0.1";
    options.wire = wire;
    thread_ = std::thread([this] { server_.serve(stop_.get()); });
  }
  ~TestServer() {
    static_cast<void>(::eventfd_write(stop_.get(), 1));
    thread_.join();
  }

  std::string get(const std::string& path) {
    std::string content;
    fetch(options, path, [&](std::string_view bytes) { content += bytes; });
    return content;
  }

  // What is wrong with it, or nothing.
  std::string trouble(const std::string& path) {
    try {
      get(path);
      return "";
    } catch (const std::exception& error) {
      return error.what();
    }
  }

  Options options;

 private:
  static gfs::ServerOptions server_options(gfs::Wire wire) {
    gfs::ServerOptions options;
    options.port = 0;
    options.wire = wire;
    return options;
  }

  static void answer(std::unique_ptr<gfs::Context> context) {
    bool is_short = context->path() == "/short";
    if (is_short || context->path() == "/file") {
      static_cast<void>(context->send_header(gfs::Status::kOk, is_short ? 100 : 7));
      static_cast<void>(context->send("content"));
    } else {
      static_cast<void>(context->send_header(gfs::Status::kFileNotFound));
    }
  }

  support::UniqueFd stop_;
  gfs::Server server_;
  std::thread thread_;
};

class Fetch : public testing::TestWithParam<gfs::Wire> {};

TEST_P(Fetch, GetsAFile) { EXPECT_EQ(TestServer(GetParam()).get("/file"), "content"); }

TEST_P(Fetch, TellsThatThereIsNoSuchFile) {
  EXPECT_EQ(TestServer(GetParam()).trouble("/other"), "the server says FILE_NOT_FOUND");
}

TEST_P(Fetch, TellsThatContentIsMissing) {
  EXPECT_EQ(TestServer(GetParam()).trouble("/short"),
            "the server closed the connection 93 bytes too early");
}

TEST_P(Fetch, TellsThatTheDialectIsTheOther) {
  TestServer server(GetParam());
  bool is_stock = GetParam() == gfs::Wire::kStock;
  server.options.wire = is_stock ? gfs::Wire::kDocumented : gfs::Wire::kStock;
  EXPECT_EQ(server.trouble("/file"), "this is no GETFILE reply (is --wire right?)");
  EXPECT_EQ(server.trouble("/other"), "this is no GETFILE reply (is --wire right?)");
}

INSTANTIATE_TEST_SUITE_P(BothDialects, Fetch,
                         testing::Values(gfs::Wire::kDocumented, gfs::Wire::kStock));

}  // namespace
}  // namespace gfclient
