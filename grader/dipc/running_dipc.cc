#include "grader/dipc/running_dipc.h"

#include <signal.h>

#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include "grader/dipc/left_objects.h"

namespace kit::dipc_lab {
namespace {

// How long a server may take to end when that is not what is checked.
constexpr int kGraceMs = 3000;

std::string name_of(int signal) { return signal == SIGINT ? "SIGINT" : "SIGTERM"; }

Server start_in_foreground(const std::string& program, const Shape& shape,
                           const std::vector<std::string>& options, StartOptions start) {
  remember_objects();
  std::vector<std::string> args = dipc_args(shape, 0, {"--foreground"});
  args.insert(args.end(), options.begin(), options.end());
  return start_server(program, std::move(args), std::move(start));
}

}  // namespace

std::vector<std::string> dipc_args(const Shape& shape, std::uint16_t port,
                                   const std::vector<std::string>& options) {
  std::vector<std::string> args = {std::to_string(shape.mailboxes),
                                   std::to_string(shape.mailbox_kb), std::to_string(port),
                                   std::to_string(shape.packet_kb)};
  args.insert(args.end(), options.begin(), options.end());
  return args;
}

RunningDipc::RunningDipc(Shape shape, const std::vector<std::string>& options, StartOptions start,
                         const std::string& program)
    : server_(start_in_foreground(program, shape, options, std::move(start))) {
  note_varying(std::to_string(server_.port));  // the shared memory is called after it
}

RunningDipc::~RunningDipc() {
  // After a verdict the box ends it, with the connections still open.
  if (has_ended_ || std::uncaught_exceptions() > 0) return;
  for (TcpPeer* connection : connections_) connection->close();
  server_.process.signal(SIGTERM);
  if (!server_.process.wait(Deadline::after_ms(static_cast<int>(kGraceMs * slowness())))) {
    server_.process.kill();
  }
  static_cast<void>(take_left_objects());
}

DipcPeer RunningDipc::client(TcpOptions options) {
  return DipcPeer(*connections_.emplace_back(&connect_to(server_, std::move(options))));
}

DipcPeer RunningDipc::quiet_client(TcpOptions options) {
  return DipcPeer(*connections_.emplace_back(&connect_quietly(server_, std::move(options))));
}

void RunningDipc::require_end(int signal) {
  did("sent " + name_of(signal));
  server_.process.signal(signal);
  const std::optional<Exit> exit = server_.process.wait(deadline());
  if (!exit) fail_hung("dipc ends after " + name_of(signal));
  has_ended_ = true;
  require(exit->clean(), "dipc ends with exit status 0 after " + name_of(signal),
          "it ended with " + render(*exit));
}

void await(const std::string& what, const std::function<void()>& happens) {
  try {
    happens();
  } catch (const Timeout&) {
    fail_hung(what);
  } catch (const PeerError& error) {
    fail(what, error.what());
  }
}

void in_parallel(int count, const std::function<void(int)>& body) {
  std::mutex mutex;
  std::exception_ptr first;
  std::vector<std::jthread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      try {
        body(i);
      } catch (...) {
        std::lock_guard lock(mutex);
        if (!first) first = std::current_exception();
      }
    });
  }
  threads.clear();  // joins
  if (first) std::rethrow_exception(first);
}

}  // namespace kit::dipc_lab
