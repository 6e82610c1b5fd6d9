// Clients, and what they talk to, in one process, so that one schedule holds them all. Setup: the
// kind and how many clients are let in at a time; the ring has room for three messages.
//
//   sessions MAX [BYTES]    each client's session has a thread of its own; a pair of sockets
//   between
//                           them. The ring is filled with messages of so many bytes.
//   server MAX              a server that serves; TCP between them
//
//   A.come NAME      client A connects and says HELLO: "WELCOME 1", "DENIED name-taken"; "(is in)"
//                    when it has not left
//   A.set TEXT       the answer to SET: "OK 1"
//   A.get COUNT      the messages, "1 ann one | 2 bob two", or "(none)"
//   A.ask LINE       sends the line and reads no answer: "sent"
//   A.leave          says QUIT: "BYE"
//   stop             ends the server: "ended"
//
// There are clients A to D, each for one thread. "(closed)": the other side has ended the
// connection.
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

#include "grader/harness/probe.h"
#include "labs/support/deadline.h"
#include "labs/support/fd.h"
#include "labs/support/stream.h"
#include "server.h"
#include "session.h"

namespace {

using support::UniqueFd;

constexpr std::size_t kCapacity = 3;
constexpr std::size_t kClients = 4;
constexpr int kSmallBuffer = 1;  // the kernel makes it as much as it must

// Thrown where the other side has closed.
struct Closed : std::runtime_error {
  Closed() : std::runtime_error("closed") {}
};

void require_done(long result, const char* what) {
  if (result < 0) throw std::runtime_error(what);
}

// One connection as the client sees it.
class Connection {
 public:
  // `session`: the thread at the other end, if it is ours to join.
  Connection(UniqueFd fd, std::thread session) : fd_(std::move(fd)), session_(std::move(session)) {}
  ~Connection() {
    close();
    if (session_.joinable()) session_.join();
  }

  void send(const std::string& bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      const ssize_t count =
          ::send(fd_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) throw Closed();
      sent += static_cast<std::size_t>(count);
    }
  }

  std::string line() {
    std::size_t end = 0;
    while ((end = received_.find('\n')) == std::string::npos) receive();
    const std::string line = take(end);
    static_cast<void>(take(1));
    return line;
  }

  std::string bytes(std::size_t count) {
    while (received_.size() < count) receive();
    return take(count);
  }

  void close() { fd_.reset(); }
  bool is_open() const { return static_cast<bool>(fd_); }

 private:
  void receive() {
    std::array<char, 4096> buffer;
    const ssize_t count = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (count <= 0) throw Closed();
    received_.append(buffer.data(), static_cast<std::size_t>(count));
  }

  std::string take(std::size_t count) {
    std::string front = received_.substr(0, count);
    received_.erase(0, count);
    return front;
  }

  UniqueFd fd_;
  std::thread session_;
  std::string received_;
};

// What clients talk to.
class House {
 public:
  virtual ~House() = default;
  virtual void connect(std::list<Connection>& to) = 0;
  virtual void stop() {}
};

// Sends what there is room for, and waits in poll(2) for more: a send(2) that waits is one that the
// schedule explorer cannot interrupt.
class PatientStream : public support::SocketStream {
 public:
  PatientStream(UniqueFd fd, int number) : SocketStream(std::move(fd)), number_(number) {}

  std::size_t write_some(std::span<const iovec> pieces) override {
    while (true) {
      static_cast<void>(support::wait_for(number_, POLLOUT, support::Deadline::never()));
      const ssize_t sent =
          ::send(number_, pieces[0].iov_base, pieces[0].iov_len, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent >= 0) return static_cast<std::size_t>(sent);
      if (errno != EAGAIN) throw std::system_error(errno, std::generic_category(), "send");
    }
  }

 private:
  const int number_;  // of the descriptor that the base class owns
};

class Sessions : public House {
 public:
  explicit Sessions(std::size_t max_clients) : guests_(max_clients), shared_(kCapacity) {}

  void fill(std::size_t bytes) {
    for (std::size_t i = 0; i < kCapacity; ++i) shared_.ring.push("eve", std::string(bytes, 'x'));
  }

  void connect(std::list<Connection>& to) override {
    int ends[2];
    require_done(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
    UniqueFd ours(ends[0]);
    UniqueFd theirs(ends[1]);
    // Little room, so that who does not read is soon waited for.
    require_done(
        ::setsockopt(theirs.get(), SOL_SOCKET, SO_SNDBUF, &kSmallBuffer, sizeof kSmallBuffer),
        "setsockopt");
    std::thread session(&Sessions::converse, this, std::move(theirs));
    to.emplace_back(std::move(ours), std::move(session));
  }

 private:
  void converse(UniqueFd fd) {
    const int number = fd.get();
    PatientStream stream(std::move(fd), number);
    ring::Session(stream, guests_.take_seat(), shared_, options_).run();
  }

  ring::Guests guests_;
  ring::Shared shared_;
  const ring::SessionOptions options_;
};

class WholeServer : public House {
 public:
  explicit WholeServer(std::size_t max_clients) : server_(options(max_clients)) {
    int ends[2];
    require_done(::pipe(ends), "pipe");
    stop_read_.reset(ends[0]);
    stop_write_.reset(ends[1]);
    thread_ = std::thread([this] { server_.serve(stop_read_.get()); });
  }
  ~WholeServer() override { stop(); }

  void connect(std::list<Connection>& to) override {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM, 0));
    require_done(fd.get(), "socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw Closed();
    to.emplace_back(std::move(fd), std::thread());
  }

  void stop() override {
    if (!thread_.joinable()) return;
    require_done(::write(stop_write_.get(), "", 1), "write");
    thread_.join();
  }

 private:
  static ring::ServerOptions options(std::size_t max_clients) {
    ring::ServerOptions options;
    options.port = 0;
    options.capacity = kCapacity;
    options.max_clients = max_clients;
    return options;
  }

  ring::Server server_;
  const std::uint16_t port_ = server_.port();
  UniqueFd stop_read_;
  UniqueFd stop_write_;
  std::thread thread_;
};

class ClientsAdapter : public kit::Adapter {
 public:
  explicit ClientsAdapter(std::unique_ptr<House> house) : house_(std::move(house)) {}

  std::string call(const std::string& name, const kit::Words& args) override {
    if (name == "stop") {
      house_->stop();
      return "ended";
    }
    std::list<Connection>& mine = clients_.at(static_cast<std::size_t>(name.at(0) - 'A'));
    try {
      return call_of(mine, name.substr(2), args);
    } catch (const Closed&) {
      return "(closed)";
    }
  }

 private:
  std::string call_of(std::list<Connection>& mine, const std::string& name,
                      const kit::Words& args) {
    if (name == "come") return come(mine, args.at(0));
    if (mine.empty() || !mine.back().is_open()) throw Closed();
    Connection& connection = mine.back();
    if (name == "set") return ask(connection, "SET " + args.at(0));
    if (name == "get") return get(connection, args.at(0));
    if (name == "leave") return leave(connection);
    if (name != "ask") throw kit::UnknownCall{name};
    connection.send(args.at(0) + "\n");
    return "sent";
  }

  // Who has been answered and cut off before it asked still has the answer to read.
  static std::string ask(Connection& connection, const std::string& line) {
    try {
      connection.send(line + "\n");
    } catch (const Closed&) {
      return connection.line();
    }
    return connection.line();
  }

  std::string come(std::list<Connection>& mine, const std::string& name) {
    if (!mine.empty() && mine.back().is_open()) return "(is in)";
    house_->connect(mine);
    Connection& connection = mine.back();
    static_cast<void>(connection.line());  // the greeting
    std::string answer = ask(connection, "HELLO " + name);
    if (answer.rfind("WELCOME", 0) != 0) connection.close();
    return answer;
  }

  static std::string leave(Connection& connection) {
    std::string answer = ask(connection, "QUIT");
    connection.close();
    return answer;
  }

  static std::string get(Connection& connection, const std::string& count) {
    const std::string answer = ask(connection, "GET " + count);
    if (answer.rfind("LIST ", 0) != 0) return answer;
    std::string out;
    for (std::size_t left = std::stoull(answer.substr(5)); left > 0; --left) {
      out += (out.empty() ? "" : " | ") + message(connection);
    }
    return out.empty() ? "(none)" : out;
  }

  // "MSG 1 ann 3", the body, a newline.
  static std::string message(Connection& connection) {
    const std::string header = connection.line();
    const std::size_t space = header.rfind(' ');
    if (header.rfind("MSG ", 0) != 0 || space < 5) return header;
    std::string body = connection.bytes(std::stoull(header.substr(space + 1)));
    static_cast<void>(connection.bytes(1));
    return header.substr(4, space - 3) + body;
  }

  std::unique_ptr<House> house_;
  // Who has left stays in the list: its session may still be on its way out. Ended before the
  // house.
  std::array<std::list<Connection>, kClients> clients_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  const std::size_t max_clients = std::stoull(setup.at(1));
  if (setup.at(0) == "server")
    return std::make_unique<ClientsAdapter>(std::make_unique<WholeServer>(max_clients));
  auto sessions = std::make_unique<Sessions>(max_clients);
  if (setup.size() > 2) sessions->fill(std::stoull(setup[2]));
  return std::make_unique<ClientsAdapter>(std::move(sessions));
}
