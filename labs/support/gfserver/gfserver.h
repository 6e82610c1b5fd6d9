// The gfserver library under the names that the original course uses.
//
// A handler is a function that answers one request:
//
//     ssize_t greet(gfcontext_t* ctx, const char* path, void* arg) {
//       const std::string& text = *static_cast<const std::string*>(arg);
//       if (std::strcmp(path, "/greeting") != 0) {
//         return gfs_sendheader(ctx, GF_FILE_NOT_FOUND, 0);
//       }
//       if (gfs_sendheader(ctx, GF_OK, text.size()) < 0) return -1;
//       ... gfs_send(ctx, ...) until all of it is sent: it may take fewer bytes than it is given
//       return text.size();
//     }
//
// It returns how many bytes of content it has sent, or -1 when it could not do its work. Then the
// client is told ERROR if it has not been told anything yet; and if it has, and got too few bytes,
// its connection is closed.
//
// And a server of one thread, which calls one handler for each request:
//
//     gfserver_t gfs;
//     gfserver_init(&gfs);
//     gfserver_setopt(&gfs, GFS_PORT, 25362);
//     gfserver_setopt(&gfs, GFS_WORKER_FUNC, greet);
//     gfserver_setopt(&gfs, GFS_WORKER_ARG, &text);
//     gfserver_serve(&gfs);             // until another thread calls gfserver_stop(&gfs)
//
// Behind these names are two classes, gfs::Context (context.h) and gfs::Server (server.h). A
// program that wants its own threads uses gfs::Server itself, and answer() for each request.
//
// Thread-safety, ownership and errors: those of the two classes. gfserver_stop() may be called from
// any thread, and from a signal handler.
#ifndef LABS_SUPPORT_GFSERVER_GFSERVER_H_
#define LABS_SUPPORT_GFSERVER_GFSERVER_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "labs/support/fd.h"
#include "labs/support/gfserver/context.h"
#include "labs/support/gfserver/server.h"
#include "labs/support/gfserver/wire.h"

using gfcontext_t = gfs::Context;
using gfstatus_t = gfs::Status;

inline constexpr gfstatus_t GF_OK = gfs::Status::kOk;
inline constexpr gfstatus_t GF_FILE_NOT_FOUND = gfs::Status::kFileNotFound;
inline constexpr gfstatus_t GF_ERROR = gfs::Status::kError;
inline constexpr gfstatus_t GF_INVALID = gfs::Status::kInvalid;

// Answers the request for `path`. `arg` is whatever the one who set the handler up wants it to
// have.
using gfhandler_t = ssize_t(gfcontext_t* ctx, const char* path, void* arg);

// Context::send_header() and Context::send(): 0 or the count of bytes, or -1 with errno set. Flags
// are for a handler that sends in small pieces, see there.
ssize_t gfs_sendheader(gfcontext_t* ctx, gfstatus_t status, std::uint64_t length);
ssize_t gfs_send(gfcontext_t* ctx, const void* data, std::size_t length, int flags = 0);

namespace gfs {

// Lets `handler` answer the request, and tells the client ERROR when it failed before its header.
// Nothing that the handler throws gets out. The connection is closed with the context.
void answer(Context& context, gfhandler_t* handler, void* arg) noexcept;

}  // namespace gfs

struct gfserver_t {
  gfs::ServerOptions options;
  gfhandler_t* handler = nullptr;
  void* arg = nullptr;
  support::UniqueFd stop_fd;  // an eventfd: readable when the server is to stop
  std::unique_ptr<gfs::Server> server;
};

enum gfoption_t { GFS_PORT, GFS_MAXNPENDING, GFS_WORKER_FUNC, GFS_WORKER_ARG };

// Each throws std::system_error for what the system refuses, and std::invalid_argument for an
// option that is given a value of the wrong kind.
void gfserver_init(gfserver_t* server);
void gfserver_setopt(gfserver_t* server, gfoption_t option, int value);
void gfserver_setopt(gfserver_t* server, gfoption_t option, gfhandler_t* handler);
void gfserver_setopt(gfserver_t* server, gfoption_t option, void* arg);

// Binds the port; gfserver_serve() does so too if this was not called. Returns the port.
std::uint16_t gfserver_listen(gfserver_t* server);

// Serves until gfserver_stop().
void gfserver_serve(gfserver_t* server);
void gfserver_stop(gfserver_t* server) noexcept;

#endif  // LABS_SUPPORT_GFSERVER_GFSERVER_H_
