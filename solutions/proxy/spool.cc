#include "spool.h"

//~ begin step 4: Headers that you need for this step.
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "labs/support/error.h"
//~ end

namespace proxy {

//~ begin step 4: Functions of your own can stand here.
namespace {

std::string temporary_folder() {
  const char* folder = ::getenv("TMPDIR");
  return folder != nullptr && *folder != '\0' ? folder : "/tmp";
}

support::UniqueFd open_nameless(const std::string& folder) {
  support::UniqueFd fd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (fd || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)) return fd;
  // This file system cannot do it. Then the file has a name for a moment.
  std::string name = folder + "/webproxy-XXXXXX";
  fd.reset(::mkostemp(name.data(), O_CLOEXEC));
  if (fd && ::unlink(name.c_str()) < 0) support::throw_errno("unlink " + name);
  return fd;
}

}  // namespace
//~ end

Spool::Spool() {
  //~ begin step 4: Make the file so that its name is gone before anything can go wrong.
  std::string folder = temporary_folder();
  fd_ = open_nameless(folder);
  if (!fd_) support::throw_errno("make a temporary file in " + folder);
  //~ end
}

void Spool::append(std::string_view bytes) {
  //~ begin step 4: write(2) may take fewer bytes than it is given.
  //~| (void)bytes;
  while (!bytes.empty()) {
    ssize_t count = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) support::throw_errno("write to the temporary file");
    size_ += static_cast<std::uint64_t>(count);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  //~ end
}

std::size_t Spool::read(std::span<char> buffer) {
  //~ begin step 4: The next bytes; read_ counts how far it has come.
  //~| (void)buffer;
  //~| (void)read_;
  //~| return 0;
  for (;;) {
    ssize_t count = ::pread(fd_.get(), buffer.data(), buffer.size(), static_cast<off_t>(read_));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) support::throw_errno("read the temporary file");
    read_ += static_cast<std::uint64_t>(count);
    return static_cast<std::size_t>(count);
  }
  //~ end
}

}  // namespace proxy
