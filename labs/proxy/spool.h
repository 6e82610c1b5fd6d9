// Spool: a temporary file for content whose length is not known yet.
//
// GETFILE announces the length before the content; an HTTP server may send a body without saying
// how long it is (chunked, or until it closes the connection). The content has to be kept somewhere
// until its end has come, and memory is not the place: it may be a hundred megabytes, for each of
// two hundred clients.
//
// The file has no name (open(2), O_TMPFILE, or it is unlinked at once), so nothing is left of it
// whatever way the process ends.
//
// Ownership: owns the file.
// Thread-safety: none.
// Errors: std::system_error, for example when the disk is full.
#ifndef PROXY_SPOOL_H_
#define PROXY_SPOOL_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "labs/support/fd.h"

namespace proxy {

class Spool {
 public:
  // Makes the file in $TMPDIR, or in /tmp.
  Spool();

  // Adds bytes at the end.
  void append(std::string_view bytes);

  // How many bytes it holds.
  std::uint64_t size() const { return size_; }

  // Reads from the beginning on, call by call. Returns how many bytes: 0 is the end.
  std::size_t read(std::span<char> buffer);

 private:
  support::UniqueFd fd_;
  std::uint64_t size_ = 0;
  std::uint64_t read_ = 0;
};

}  // namespace proxy

#endif  // PROXY_SPOOL_H_
