#include "grader/dipc/running_dipc.h"

#include <signal.h>

#include <exception>
#include <utility>

#include "grader/dipc/left_objects.h"

namespace kit::dipc_lab {
namespace {

// How long a server may take to end when that is not what is checked.
constexpr int kGraceMs = 3000;

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
  kit::require_end(server_, signal);
  has_ended_ = true;
}

}  // namespace kit::dipc_lab
