#include "handle_with_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "labs/support/fd.h"

namespace proxy {
namespace {

// Whether a path has a segment "..", which would lead out of the folder. The path is a stranger's
// word, and open() would believe it.
bool leads_up(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);  // the '/' before each segment
    std::string_view segment = path.substr(0, path.find('/'));
    if (segment == "..") return true;
    path.remove_prefix(segment.size());
  }
  return false;
}

// Opens a file; empty when there is none, or when it is no file but a folder or a pipe. O_NONBLOCK:
// to open a pipe waits until somebody writes to it, and that may be never.
support::UniqueFd open_file(const std::string& name, std::uint64_t& size) {
  support::UniqueFd fd(::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status;
  if (!fd || ::fstat(fd.get(), &status) < 0 || !S_ISREG(status.st_mode)) return {};
  size = static_cast<std::uint64_t>(status.st_size);
  return fd;
}

// The next bytes of a file: 0 at its end, -1 when it cannot be read.
ssize_t read_some(int fd, std::span<char> buffer) {
  ssize_t count;
  do {
    count = ::read(fd, buffer.data(), buffer.size());
  } while (count < 0 && errno == EINTR);
  return count;
}

}  // namespace

ssize_t handle_with_file(gfcontext_t* ctx, const char* path, void* arg) {
  const std::string& folder = *static_cast<const std::string*>(arg);
  std::uint64_t size = 0;
  support::UniqueFd fd;
  if (!leads_up(path)) fd = open_file(folder + path, size);
  if (!fd) return gfs_sendheader(ctx, GF_FILE_NOT_FOUND, 0);

  if (gfs_sendheader(ctx, GF_OK, size) < 0) return -1;
  std::array<char, 64 * 1024> buffer;  // one buffer, whatever the size of the file
  std::string_view unsent;             // what of it has been read and not sent
  for (std::uint64_t left = size; left > 0;) {
    if (unsent.empty()) {
      // Not more than was announced: the file may have grown since.
      std::size_t wanted = std::min<std::uint64_t>(left, buffer.size());
      ssize_t count = read_some(fd.get(), std::span(buffer).first(wanted));
      // It may have become shorter, too. The client was promised more; it will see that it did not
      // get it, since the connection is closed early.
      if (count <= 0) return -1;
      unsent = std::string_view(buffer.data(), static_cast<std::size_t>(count));
    }
    // gfs_send() may take fewer bytes than it is given, like send(2). The rest is for the next
    // time.
    ssize_t count = gfs_send(ctx, unsent.data(), unsent.size());
    if (count < 0) return -1;  // the client has gone
    unsent.remove_prefix(static_cast<std::size_t>(count));
    left -= static_cast<std::uint64_t>(count);
  }
  return static_cast<ssize_t>(size);
}

}  // namespace proxy
