#include "labs/support/error.h"

#include <cerrno>
#include <system_error>

namespace support {

void throw_errno(const std::string& call) { throw_error(errno, call); }

void throw_error(int error_number, const std::string& call) {
  throw std::system_error(error_number, std::generic_category(), call);
}

}  // namespace support
