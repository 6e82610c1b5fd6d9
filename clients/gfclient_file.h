// DownloadFile: a file under the current directory that is there once it is whole, and not before.
//
// The content goes to a file without a name (open(2), O_TMPFILE). When all of it is there, it gets
// its name, by a rename, which replaces an older file in one step. So a failed download leaves
// nothing, whatever way it fails, and two downloads of one path at the same time do not mix. An older
// file of that name is removed then: it is not what was asked for now.
//
// Ownership: owns the unfinished file. Thread-safety: none.
// Errors: std::runtime_error for a path that must not be written, std::system_error.
#ifndef CLIENTS_GFCLIENT_FILE_H_
#define CLIENTS_GFCLIENT_FILE_H_

#include <string>
#include <string_view>

#include "labs/support/fd.h"

namespace gfclient {

// Where the content of a request's path goes: the path below the current directory. Throws for one
// that would be elsewhere, or that names no file.
std::string local_name(std::string_view path);

class DownloadFile {
 public:
  // Makes the folders on the way to it, too.
  explicit DownloadFile(std::string name);
  ~DownloadFile();

  DownloadFile(const DownloadFile&) = delete;
  DownloadFile& operator=(const DownloadFile&) = delete;

  void append(std::string_view bytes);

  // The content is whole: it gets its name.
  void keep();

 private:
  std::string beside() const;

  const std::string name_;
  std::string temporary_;  // a name it has in the meantime; empty while it has none
  support::UniqueFd fd_;
  bool is_kept_ = false;
};

}  // namespace gfclient

#endif  // CLIENTS_GFCLIENT_FILE_H_
