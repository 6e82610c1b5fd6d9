#include "labs/support/gfserver/gfserver.h"

#include <sys/eventfd.h>

#include <exception>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "labs/support/error.h"

ssize_t gfs_sendheader(gfcontext_t* ctx, gfstatus_t status, std::uint64_t length) {
  return ctx->send_header(status, length);
}

ssize_t gfs_send(gfcontext_t* ctx, const void* data, std::size_t length, int flags) {
  return ctx->send(std::string_view(static_cast<const char*>(data), length), flags);
}

namespace gfs {

void answer(Context& context, gfhandler_t* handler, void* arg) noexcept {
  ssize_t result = -1;
  try {
    result = handler(&context, context.path().c_str(), arg);
  } catch (const std::exception&) {
    // The same as -1.
  }
  if (result < 0 && !context.header_sent()) context.send_header(Status::kError);
}

}  // namespace gfs

void gfserver_init(gfserver_t* server) {
  *server = gfserver_t{};
  server->stop_fd = support::UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!server->stop_fd) support::throw_errno("eventfd");
}

void gfserver_setopt(gfserver_t* server, gfoption_t option, int value) {
  if (option == GFS_PORT && 0 <= value && value <= 65535) {
    server->options.port = static_cast<std::uint16_t>(value);
  } else if (option == GFS_MAXNPENDING && value > 0) {
    server->options.max_connections = static_cast<std::size_t>(value);
  } else {
    throw std::invalid_argument("gfserver_setopt: not a value for this option");
  }
}

void gfserver_setopt(gfserver_t* server, gfoption_t option, gfhandler_t* handler) {
  if (option != GFS_WORKER_FUNC) {
    throw std::invalid_argument("gfserver_setopt: a handler is for GFS_WORKER_FUNC");
  }
  server->handler = handler;
}

void gfserver_setopt(gfserver_t* server, gfoption_t option, void* arg) {
  if (option != GFS_WORKER_ARG) {
    throw std::invalid_argument("gfserver_setopt: a pointer is for GFS_WORKER_ARG");
  }
  server->arg = arg;
}

std::uint16_t gfserver_listen(gfserver_t* server) {
  if (server->handler == nullptr)
    throw std::invalid_argument("gfserver_listen: no GFS_WORKER_FUNC");
  if (!server->server) {
    auto hand_to_handler = [server](std::unique_ptr<gfs::Context> context) {
      gfs::answer(*context, server->handler, server->arg);
    };
    server->server = std::make_unique<gfs::Server>(server->options, std::move(hand_to_handler));
  }
  return server->server->port();
}

void gfserver_serve(gfserver_t* server) {
  gfserver_listen(server);
  server->server->serve(server->stop_fd.get());
}

void gfserver_stop(gfserver_t* server) noexcept {
  // Fails only when the counter is full, and then the descriptor is readable already.
  static_cast<void>(::eventfd_write(server->stop_fd.get(), 1));
}
