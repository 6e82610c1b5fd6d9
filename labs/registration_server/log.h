// Log: one line for each event, to be searched with grep.
//
//     2026-11-20T11:06:10.123456Z INFO request client=alice key=52b7... action=SEND to=90ab...
//     bytes=5
//
// A line has the time (UTC), the level, the event, and then what there is to know, as word=value.
// Values have no spaces in them: value() sees to it.
//
// A line costs its writer no call of the kernel. It goes into a buffer, and a thread of the log's
// own writes out what has come together, in the order in which the lines came. So a server that is
// killed loses the last moment of its log, and one that ends, or is asked for it, loses nothing.
// A log that cannot be written, because the disk is full for example, loses lines, and nothing else
// happens: the clients are worth more.
//
// Ownership: owns the file and the thread.
// Thread-safety: any thread may call anything.
// Errors: the constructors throw std::system_error when the file cannot be opened or there is no
// thread to be had. Writing has none.
#ifndef REGISTRATION_LOG_H_
#define REGISTRATION_LOG_H_

#include <condition_variable>
#include <cstdint>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "labs/support/fd.h"

namespace registration {

class Log {
 public:
  enum class Level { kInfo, kWarning, kError };

  // To the end of a file, which is made when there is none; or, for an empty path, to standard
  // error.
  explicit Log(const std::string& path);
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  // Writes what is left.
  ~Log();

  // The line's text, in pieces: there are two lines for each request, and putting them together in
  // the buffer itself spares a copy of each.
  using Pieces = std::initializer_list<std::string_view>;
  void write(Level level, Pieces pieces) noexcept;
  void info(Pieces pieces) noexcept { write(Level::kInfo, pieces); }
  void warning(Pieces pieces) noexcept { write(Level::kWarning, pieces); }
  void error(Pieces pieces) noexcept { write(Level::kError, pieces); }

  // Returns when all lines are written that came before.
  void flush() noexcept;

  // Bytes from outside as they can stand in a line: spaces, '=', '\' and what cannot be printed are
  // shown as \xHH.
  static std::string value(std::string_view bytes);

 private:
  // TODO(step 5): The buffer, the thread, and what is between them.
  support::UniqueFd fd_;
};

}  // namespace registration

#endif  // REGISTRATION_LOG_H_
