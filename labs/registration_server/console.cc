#include "console.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "keys.h"
#include "labs/support/error.h"
#include "texts.h"

namespace registration {

// TODO(step 5): Functions of your own can stand here.

bool Console::read_line(std::FILE* input, std::string& line) {
  char* buffer = nullptr;
  std::size_t room = 0;
  ssize_t count;
  do {
    std::clearerr(input);
    count = ::getline(&buffer, &room, input);
  } while (count < 0 && std::ferror(input) != 0 && errno == EINTR);
  if (count >= 0) line.assign(buffer, static_cast<std::size_t>(count));
  std::free(buffer);
  if (line.ends_with('\n')) line.pop_back();
  return count >= 0;
}

void Console::print_line(std::FILE* output, std::string_view line) {
  std::size_t written = std::fwrite(line.data(), 1, line.size(), output);
  if (written < line.size() || std::fputc('\n', output) == EOF || std::fflush(output) == EOF) {
    support::throw_errno("write the output");
  }
}

Outcome Console::run() {
  // TODO(step 5): Line by line: ask the server, await its answer, print it. The end of the input is
  // a command, too.
  return Outcome::kNoAnswer;
}

// TODO(step 5): The commands. Each sets the line that goes with a kOk.

}  // namespace registration
