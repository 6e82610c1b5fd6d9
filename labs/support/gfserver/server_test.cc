#include "labs/support/gfserver/server.h"

#include <sys/eventfd.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "labs/support/gfserver/test_client.h"

namespace gfs {
namespace {

// Answers with the path itself.
void echo(std::unique_ptr<Context> context) {
  if (context->send_header(Status::kOk, context->path().size()) == 0) {
    static_cast<void>(context->send(context->path()));
  }
}

ServerOptions on_any_port() {
  ServerOptions options;
  options.port = 0;
  return options;
}

// A server that runs on a thread of its own as long as the object exists.
class Running {
 public:
  explicit Running(const ServerOptions& options = on_any_port(), Server::Handler handler = &echo)
      : stop_(::eventfd(0, EFD_CLOEXEC)),
        server_(options, std::move(handler)),
        thread_([this] { server_.serve(stop_.get()); }) {}
  ~Running() { stop(); }

  void stop() {
    if (!thread_.joinable()) return;
    static_cast<void>(::eventfd_write(stop_.get(), 1));
    thread_.join();
  }

  std::uint16_t port() const { return server_.port(); }

 private:
  support::UniqueFd stop_;
  Server server_;
  std::thread thread_;
};

std::string ask(std::uint16_t port, std::string_view request) {
  TestClient client(port);
  client.send(request);
  return client.receive_all();
}

TEST(Server, AnswersARequest) {
  Running server;
  EXPECT_EQ(ask(server.port(), "GETFILE GET /a\r\n\r\n"), "GETFILE OK 2\r\n\r\n/a");
}

TEST(Server, ListensOnIpv6Too) {
  Running server;
  TestClient client(server.port(), "::1");
  client.send("GETFILE GET /six\r\n\r\n");
  EXPECT_EQ(client.receive_all(), "GETFILE OK 4\r\n\r\n/six");
}

TEST(Server, TakesARequestInFourPieces) {
  Running server;
  TestClient client(server.port());
  for (std::string_view piece : {"GETFILE", " GET ", "/pieces", "\r\n\r\n"}) client.send(piece);
  EXPECT_EQ(client.receive_all(), "GETFILE OK 7\r\n\r\n/pieces");
}

TEST(Server, TakesARequestByteByByte) {
  Running server;
  TestClient client(server.port());
  client.send_slowly("GETFILE GET /slow\r\n\r\n");
  EXPECT_EQ(client.receive_all(), "GETFILE OK 5\r\n\r\n/slow");
}

TEST(Server, StockTakesARequestByteByByte) {
  ServerOptions options = on_any_port();
  options.wire = Wire::kStock;
  Running server(options);
  TestClient client(server.port());
  // What comes behind the first newline must not break the connection before the answer is read.
  client.send_slowly("getfile get /slow\r\n\r\n");
  client.end_sending();
  EXPECT_EQ(client.receive_all(), "GETFILE OK 5 /slow");
}

TEST(Server, AnswersOthersWhileARequestDoesNotEnd) {
  Running server;
  TestClient slow(server.port());
  slow.send("GETFILE GET /sl");
  EXPECT_EQ(ask(server.port(), "GETFILE GET /a\r\n\r\n"), "GETFILE OK 2\r\n\r\n/a");
  slow.send("ow\r\n\r\n");
  EXPECT_EQ(slow.receive_all(), "GETFILE OK 5\r\n\r\n/slow");
}

TEST(Server, RefusesWhatIsNoRequest) {
  Running server;
  EXPECT_EQ(ask(server.port(), "GET / HTTP/1.1\r\n\r\n"), "GETFILE INVALID\r\n\r\n");
}

TEST(Server, StockClosesOnWhatIsNoRequest) {
  ServerOptions options = on_any_port();
  options.wire = Wire::kStock;
  Running server(options);
  EXPECT_EQ(ask(server.port(), "GET / HTTP/1.1\r\n\r\n"), "");
}

TEST(Server, RefusesARequestThatEndsTooEarly) {
  Running server;
  TestClient client(server.port());
  client.send("GETFILE GET /a\r\n");
  client.end_sending();
  EXPECT_EQ(client.receive_all(), "GETFILE INVALID\r\n\r\n");
}

TEST(Server, RefusesAnEndlessHeaderAndTheClientLearnsIt) {
  Running server;
  TestClient client(server.port());
  // Sixteen times too much: it is still on its way when the server has had enough.
  client.send("GETFILE GET /" + std::string(128 * 1024, 'x'));
  EXPECT_EQ(client.receive_all(), "GETFILE INVALID\r\n\r\n");
}

TEST(Server, RefusesARequestThatTakesTooLong) {
  ServerOptions options = on_any_port();
  options.request_timeout_ms = 50;
  Running server(options);
  TestClient silent(server.port());
  TestClient half(server.port());
  half.send("GETFILE GET /a");
  EXPECT_EQ(silent.receive_all(), "GETFILE INVALID\r\n\r\n");
  EXPECT_EQ(half.receive_all(), "GETFILE INVALID\r\n\r\n");
}

// A handler that only passes on what it is given, to the test's own thread.
class Keeper {
 public:
  Server::Handler handler() {
    return [this](std::unique_ptr<Context> context) {
      std::lock_guard lock(mutex_);
      kept_.push_back(std::move(context));
      changed_.notify_one();
    };
  }

  // The next one that comes.
  std::unique_ptr<Context> wait_for_one() {
    std::unique_lock lock(mutex_);
    std::chrono::milliseconds patience(kPatienceMs);
    if (!changed_.wait_for(lock, patience, [this] { return !kept_.empty(); })) {
      throw std::runtime_error("no request comes");
    }
    std::unique_ptr<Context> first = std::move(kept_.front());
    kept_.pop_front();
    return first;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Context>> kept_;
};

TEST(Server, LetsNoMoreInThanItMay) {
  Keeper keeper;
  ServerOptions options = on_any_port();
  options.max_connections = 2;
  Running server(options, keeper.handler());
  TestClient first(server.port()), second(server.port()), third(server.port());
  for (TestClient* client : {&first, &second, &third}) client->send("GETFILE GET /a\r\n\r\n");
  std::unique_ptr<Context> one = keeper.wait_for_one();
  std::unique_ptr<Context> two = keeper.wait_for_one();
  // The third is let in when one of the two has ended, and it is we who end it, on our own thread.
  echo(std::move(one));
  echo(keeper.wait_for_one());
  echo(std::move(two));
  for (TestClient* client : {&first, &second, &third}) {
    EXPECT_EQ(client->receive_all(), "GETFILE OK 2\r\n\r\n/a");
  }
}

TEST(Server, SurvivesAHandlerThatThrows) {
  Running server(on_any_port(), [](std::unique_ptr<Context> context) {
    if (context->path() == "/throw") throw std::runtime_error("no");
    echo(std::move(context));
  });
  EXPECT_EQ(ask(server.port(), "GETFILE GET /throw\r\n\r\n"), "");
  EXPECT_EQ(ask(server.port(), "GETFILE GET /a\r\n\r\n"), "GETFILE OK 2\r\n\r\n/a");
}

TEST(Server, StopsWithClientsConnected) {
  Running server;
  TestClient silent(server.port());
  TestClient refused(server.port());
  refused.send("nonsense");
  EXPECT_EQ(refused.receive(19), "GETFILE INVALID\r\n\r\n");
  server.stop();
  EXPECT_EQ(silent.receive_all(), "");
}

TEST(Server, AnswersAContextThatOutlivesIt) {
  Keeper keeper;
  auto server = std::make_unique<Running>(on_any_port(), keeper.handler());
  TestClient client(server->port());
  client.send("GETFILE GET /late\r\n\r\n");
  std::unique_ptr<Context> context = keeper.wait_for_one();
  server.reset();
  echo(std::move(context));
  EXPECT_EQ(client.receive_all(), "GETFILE OK 5\r\n\r\n/late");
}

TEST(Server, TellsThatItsPortIsTaken) {
  Running server;
  ServerOptions options;
  options.port = server.port();
  EXPECT_THROW(Server(options, &echo), std::system_error);
}

TEST(Server, AnswersHundredsAtOnce) {
  Running server;
  std::vector<TestClient> clients;
  for (int i = 0; i < 300; ++i) clients.emplace_back(server.port());
  for (TestClient& client : clients) client.send("GETFILE GET /a");
  for (TestClient& client : clients) client.send("\r\n\r\n");
  for (TestClient& client : clients) EXPECT_EQ(client.receive_all(), "GETFILE OK 2\r\n\r\n/a");
}

}  // namespace
}  // namespace gfs
