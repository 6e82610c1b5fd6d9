#include "labs/support/options.h"

#include <fcntl.h>
#include <getopt.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "labs/support/error.h"
#include "labs/support/fd.h"

namespace support {

std::uint64_t parse_number(std::string_view option, std::string_view text, std::uint64_t min,
                           std::uint64_t max) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && stop == end && min <= number && number <= max) return number;
  throw UsageError(std::string(option) + ": '" + std::string(text) + "' is not a number from " +
                   std::to_string(min) + " to " + std::to_string(max));
}

int next_option(int argc, char** argv, const char* letters, const option* options) {
  opterr = 0;  // the messages are made here, so that all look alike
  int code = ::getopt_long(argc, argv, letters, options, nullptr);
  if (code != '?' && code != ':') return code;
  // For "-xy" getopt has not gone on to the next argument yet, but it tells the letter.
  std::string name = optopt >= ' ' ? std::string{'-', static_cast<char>(optopt)} : argv[optind - 1];
  if (code == ':') throw UsageError(name + ": a value is missing");
  throw UsageError(name + ": no such option, or not used like this");
}

void refuse_argument(const char* argument) {
  throw UsageError("'" + std::string(argument) + "': an argument that is no option");
}

std::string read_file(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) throw_errno("open " + path);
  std::string content;
  char buffer[4096];
  for (;;) {
    ssize_t count = ::read(fd.get(), buffer, sizeof buffer);
    if (count == 0) return content;
    if (count > 0) content.append(buffer, static_cast<std::size_t>(count));
    if (count < 0 && errno != EINTR) throw_errno("read " + path);
  }
}

std::string read_secret(const std::string& path) {
  std::string secret = read_file(path);
  if (secret.ends_with('\n')) secret.pop_back();
  return secret;
}

}  // namespace support
