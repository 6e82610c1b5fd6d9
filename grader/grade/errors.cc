#include "grader/grade/errors.h"

#include <cerrno>
#include <system_error>

namespace kit::grade {

void throw_errno(const std::string& what) {
  throw GraderError(what + ": " + std::generic_category().message(errno));
}

}  // namespace kit::grade
