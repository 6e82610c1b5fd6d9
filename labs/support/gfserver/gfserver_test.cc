#include "labs/support/gfserver/gfserver.h"

#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "labs/support/gfserver/test_client.h"

namespace {

using gfs::TestClient;

// Answers /text with the text that `arg` is, fails in different ways, and knows nothing else.
ssize_t give_text(gfcontext_t* ctx, const char* path, void* arg) {
  const std::string& text = *static_cast<const std::string*>(arg);
  if (std::strcmp(path, "/fail") == 0) return -1;
  if (std::strcmp(path, "/throw") == 0) throw std::runtime_error("no");
  if (std::strcmp(path, "/text") != 0) return gfs_sendheader(ctx, GF_FILE_NOT_FOUND, 0);
  if (gfs_sendheader(ctx, GF_OK, text.size()) < 0) return -1;
  return gfs_send(ctx, text.data(), text.size());
}

class Gfserver : public testing::Test {
 protected:
  Gfserver() {
    gfserver_init(&server_);
    gfserver_setopt(&server_, GFS_PORT, 0);
    gfserver_setopt(&server_, GFS_MAXNPENDING, 16);
    gfserver_setopt(&server_, GFS_WORKER_FUNC, give_text);
    gfserver_setopt(&server_, GFS_WORKER_ARG, &text_);
    port_ = gfserver_listen(&server_);
    thread_ = std::thread([this] { gfserver_serve(&server_); });
  }
  ~Gfserver() override {
    gfserver_stop(&server_);
    thread_.join();
  }

  std::string ask(const std::string& path) {
    TestClient client(port_);
    client.send("GETFILE GET " + path + "\r\n\r\n");
    return client.receive_all();
  }

  std::string text_ = "hello";
  gfserver_t server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

TEST_F(Gfserver, LetsTheHandlerAnswer) {
  EXPECT_EQ(ask("/text"), "GETFILE OK 5\r\n\r\nhello");
  EXPECT_EQ(ask("/other"), "GETFILE FILE_NOT_FOUND\r\n\r\n");
}

TEST_F(Gfserver, SaysErrorForAHandlerThatFails) {
  EXPECT_EQ(ask("/fail"), "GETFILE ERROR\r\n\r\n");
  EXPECT_EQ(ask("/throw"), "GETFILE ERROR\r\n\r\n");
}

TEST(GfserverOptions, RefuseValuesOfTheWrongKind) {
  gfserver_t server;
  gfserver_init(&server);
  EXPECT_THROW(gfserver_setopt(&server, GFS_PORT, 65536), std::invalid_argument);
  EXPECT_THROW(gfserver_setopt(&server, GFS_WORKER_FUNC, 1), std::invalid_argument);
  EXPECT_THROW(gfserver_setopt(&server, GFS_PORT, give_text), std::invalid_argument);
  EXPECT_THROW(gfserver_listen(&server), std::invalid_argument);
}

}  // namespace
