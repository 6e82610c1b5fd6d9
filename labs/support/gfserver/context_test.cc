#include "labs/support/gfserver/context.h"

#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "gtest/gtest.h"
#include "labs/support/gfserver/test_client.h"

namespace gfs {
namespace {

// A context, and the client that waits for its answer.
struct Pair {
  explicit Pair(Wire wire = Wire::kDocumented, std::shared_ptr<void> place = nullptr) {
    auto [server_end, client_end] = make_connection();
    context.emplace(std::move(server_end), wire, "/file", std::move(place));
    client.emplace(std::move(client_end));
  }

  // Closes the connection, and tells what the client got.
  std::string close() {
    context.reset();
    return client->receive_all();
  }

  std::optional<Context> context;
  std::optional<TestClient> client;
};

TEST(Context, SendsHeaderAndContent) {
  Pair pair;
  EXPECT_EQ(pair.context->path(), "/file");
  EXPECT_EQ(pair.context->send_header(Status::kOk, 11), 0);
  EXPECT_EQ(pair.context->send("Hello "), 6);
  EXPECT_EQ(pair.context->bytes_left(), 5u);
  EXPECT_EQ(pair.context->send("world"), 5);
  EXPECT_EQ(pair.close(), "GETFILE OK 11\r\n\r\nHello world");
}

TEST(Context, SendsWhatWaitedForMore) {
  Pair pair;
  EXPECT_EQ(pair.context->send_header(Status::kOk, 12), 0);
  EXPECT_EQ(pair.context->send("Hello ", MSG_MORE), 6);
  EXPECT_EQ(pair.context->send("world", MSG_MORE), 5);
  EXPECT_EQ(pair.close(), "GETFILE OK 12\r\n\r\nHello world");  // no more has come
}

TEST(Context, SendsAnEmptyFileAtOnce) {
  Pair pair;
  EXPECT_EQ(pair.context->send_header(Status::kOk, 0), 0);
  EXPECT_EQ(pair.client->receive(16), "GETFILE OK 0\r\n\r\n");
}

TEST(Context, SendsAnErrorAtOnce) {
  Pair pair;
  EXPECT_EQ(pair.context->send_header(Status::kFileNotFound, 0), 0);
  EXPECT_EQ(pair.client->receive(26), "GETFILE FILE_NOT_FOUND\r\n\r\n");
}

TEST(Context, SpeaksStock) {
  Pair pair(Wire::kStock);
  EXPECT_EQ(pair.context->send_header(Status::kOk, 2), 0);
  EXPECT_EQ(pair.context->send("ab"), 2);
  pair.client->end_sending();
  EXPECT_EQ(pair.close(), "GETFILE OK 2 ab");
}

TEST(Context, StockClosesWithoutAWordForInvalid) {
  Pair pair(Wire::kStock);
  EXPECT_EQ(pair.context->send_header(Status::kInvalid), 0);
  pair.client->end_sending();
  EXPECT_EQ(pair.close(), "");
}

TEST(Context, ClosesShortWhenContentIsMissing) {
  Pair pair;
  EXPECT_EQ(pair.context->send_header(Status::kOk, 10), 0);
  EXPECT_EQ(pair.context->send("abc"), 3);
  EXPECT_EQ(pair.close(), "GETFILE OK 10\r\n\r\nabc");
}

TEST(Context, TellsThePromiseEvenWithoutContent) {
  Pair pair;
  EXPECT_EQ(pair.context->send_header(Status::kOk, 10), 0);
  EXPECT_EQ(pair.close(), "GETFILE OK 10\r\n\r\n");
}

TEST(Context, RefusesASecondHeader) {
  Pair pair;
  EXPECT_EQ(pair.context->send_header(Status::kError), 0);
  EXPECT_EQ(pair.context->send_header(Status::kOk, 1), -1);
  EXPECT_EQ(errno, EINVAL);
}

TEST(Context, RefusesMoreContentThanAnnounced) {
  Pair pair;
  EXPECT_EQ(pair.context->send("x"), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(pair.context->send_header(Status::kOk, 1), 0);
  EXPECT_EQ(pair.context->send("xy"), -1);
  EXPECT_EQ(errno, EINVAL);
}

TEST(Context, TakesOnlyAPartWhenTheClientDoesNotRead) {
  Pair pair;
  std::string content(16 * 1024 * 1024, 'x');
  EXPECT_EQ(pair.context->send_header(Status::kOk, content.size()), 0);
  ssize_t count = pair.context->send(content);
  EXPECT_GT(count, 0);
  EXPECT_LT(count, static_cast<ssize_t>(content.size()));
  EXPECT_EQ(pair.context->bytes_left(), content.size() - static_cast<std::size_t>(count));
}

// Fills the connection, until a call would have to wait.
void fill(Pair& pair) {
  std::string content(16 * 1024 * 1024, 'x');
  ASSERT_EQ(pair.context->send_header(Status::kOk, 2 * content.size()), 0);
  ASSERT_GT(pair.context->send(content), 0);
}

TEST(Context, WaitsForRoom) {
  Pair pair;
  fill(pair);
  std::thread reader([&] { pair.client->receive(4 * 1024 * 1024); });
  EXPECT_GT(pair.context->send("more"), 0);
  pair.context.reset();
  reader.join();
}

TEST(Context, TellsThatTheClientHasGone) {
  Pair pair;
  EXPECT_FALSE(pair.context->client_has_gone());
  pair.client.reset();
  EXPECT_TRUE(pair.context->client_has_gone());
  EXPECT_EQ(pair.context->send_header(Status::kError), -1);
  EXPECT_EQ(errno, EPIPE);
}

TEST(Context, HalfClosedClientIsStillThere) {
  Pair pair;
  pair.client->end_sending();
  EXPECT_FALSE(pair.context->client_has_gone());
  EXPECT_EQ(pair.context->send_header(Status::kError), 0);
  EXPECT_EQ(pair.close(), "GETFILE ERROR\r\n\r\n");
}

TEST(Context, AbortWakesASender) {
  Pair pair;
  fill(pair);
  std::thread aborter([&] { pair.context->abort(); });
  EXPECT_EQ(pair.context->send("more"), -1);
  EXPECT_EQ(errno, ECANCELED);
  EXPECT_TRUE(pair.context->is_aborted());
  aborter.join();
}

TEST(Context, AbortClosesTheConnection) {
  Pair pair;
  pair.context->abort();
  EXPECT_EQ(pair.context->send_header(Status::kError), -1);
  EXPECT_EQ(pair.client->receive_all(), "");
}

TEST(Context, GivesItsPlaceBackAtTheEnd) {
  auto place = std::make_shared<int>(0);
  Pair pair(Wire::kDocumented, place);
  EXPECT_EQ(place.use_count(), 2);
  pair.context.reset();
  EXPECT_EQ(place.use_count(), 1);
}

}  // namespace
}  // namespace gfs
