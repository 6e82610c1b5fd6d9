#include "clients/gfclient_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <stdexcept>
#include <utility>

#include "labs/support/error.h"

namespace gfclient {
namespace {

// Makes each folder of "./a/b/file". Another thread may be making the same ones.
void make_folders(const std::string& name) {
  for (std::size_t end = name.find('/', 2); end != name.npos; end = name.find('/', end + 1)) {
    std::string folder = name.substr(0, end);
    if (::mkdir(folder.c_str(), 0777) < 0 && errno != EEXIST) {
      support::throw_errno("mkdir " + folder);
    }
  }
}

std::string folder_of(const std::string& name) { return name.substr(0, name.rfind('/')); }

}  // namespace

std::string local_name(std::string_view path) {
  std::string name = ".";
  while (!path.empty()) {
    std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    if (segment == "..") throw std::runtime_error("the path leads out of the current directory");
    if (!segment.empty() && segment != ".") name += "/" + std::string(segment);
    if (path == "/") throw std::runtime_error("the path names a folder, not a file");
    if (!path.empty()) path.remove_prefix(1);
  }
  if (name == ".") throw std::runtime_error("the path names no file");
  return name;
}

DownloadFile::DownloadFile(std::string name) : name_(std::move(name)) {
  make_folders(name_);
  std::string folder = folder_of(name_);
  fd_.reset(::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666));
  if (fd_) return;
  // This file system has no files without names.
  temporary_ = beside();
  fd_.reset(::open(temporary_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666));
  if (fd_) return;
  temporary_.clear();
  support::throw_errno("open " + name_);
}

DownloadFile::~DownloadFile() {
  if (!is_kept_) static_cast<void>(::unlink(name_.c_str()));
  if (!temporary_.empty()) static_cast<void>(::unlink(temporary_.c_str()));
}

void DownloadFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t count = ::write(fd_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) support::throw_errno("write " + name_);
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void DownloadFile::keep() {
  if (temporary_.empty()) {
    // link() would not replace a file that is there; rename() does. So it takes two steps.
    std::string self = "/proc/self/fd/" + std::to_string(fd_.get());
    std::string temporary = beside();
    if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, temporary.c_str(), AT_SYMLINK_FOLLOW) < 0) {
      support::throw_errno("link " + temporary);
    }
    temporary_ = std::move(temporary);
  }
  if (::rename(temporary_.c_str(), name_.c_str()) < 0) support::throw_errno("rename to " + name_);
  temporary_.clear();
  is_kept_ = true;
}

// A name in the same folder that nobody else has.
std::string DownloadFile::beside() const {
  static std::atomic<unsigned> counter{0};
  return folder_of(name_) + "/.gfclient-" + std::to_string(::getpid()) + "-" +
         std::to_string(counter++);
}

}  // namespace gfclient
