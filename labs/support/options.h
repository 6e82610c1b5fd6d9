// What the programs' command lines have in common: numbers within limits, and small files.
//
// Errors: UsageError for an argument that cannot be right. A main() prints its what() as one line
// and exits with status 2; anything else that goes wrong at the start is status 1.
#ifndef LABS_SUPPORT_OPTIONS_H_
#define LABS_SUPPORT_OPTIONS_H_

#include <getopt.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace support {

class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The number in `text`, decimal digits and nothing else, from `min` to `max`. Throws UsageError
// that names `option` and the limits.
std::uint64_t parse_number(std::string_view option, std::string_view text, std::uint64_t min,
                           std::uint64_t max);

// The next option of the command line, as getopt_long(3) returns it, with its value in `optarg`; -1
// after the last, `optind` is what is left over then. Throws UsageError that names an option which
// is not known or lacks its value, as the user wrote it. `letters` begins with ":". Letters are
// options' values from ' ' on; give long options smaller ones.
int next_option(int argc, char** argv, const char* letters, const option* options);

// Throws UsageError for an argument that is left over and not wanted.
[[noreturn]] void refuse_argument(const char* argument);

// What a file holds. Throws std::system_error that names the file.
std::string read_file(const std::string& path);

// A secret kept in a file: all of it but one newline at its end, which editors put there.
std::string read_secret(const std::string& path);

}  // namespace support

#endif  // LABS_SUPPORT_OPTIONS_H_
