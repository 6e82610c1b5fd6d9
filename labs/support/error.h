// One way to report that a system call failed.
//
//     if (::listen(fd, backlog) < 0) throw_errno("listen");
//
// The exception is a std::system_error. Its what() names the call and says what went wrong
// ("listen: Address already in use"), its code() carries errno for those who want to tell cases
// apart.
//
// Thread-safety: errno belongs to the calling thread, and so does this.
#ifndef LABS_SUPPORT_ERROR_H_
#define LABS_SUPPORT_ERROR_H_

#include <string>

namespace support {

// Throws std::system_error for the current errno. `call` says what was tried: "bind", or
// "open notes.txt".
[[noreturn]] void throw_errno(const std::string& call);

// The same for an error number that came another way, as a return value or from SO_ERROR.
[[noreturn]] void throw_error(int error_number, const std::string& call);

}  // namespace support

#endif  // LABS_SUPPORT_ERROR_H_
