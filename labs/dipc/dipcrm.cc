// dipcrm: ends the DIPC server of a port. The work is in removal.h.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>

#include "labs/support/options.h"
#include "removal.h"

namespace {

constexpr char kUsage[] = "usage: dipcrm <port>\n";

std::uint16_t parse_port(int argc, char** argv) {
  if (argc != 2) throw support::UsageError("one port is needed");
  return static_cast<std::uint16_t>(support::parse_number("port", argv[1], 1, 65535));
}

int remove(std::uint16_t port) {
  switch (dipc::remove_server(port)) {
    case dipc::Removed::kStopped:
      return 0;
    case dipc::Removed::kLeftover:
      std::printf("removed what a killed server had left on port %d\n", port);
      return 0;
    case dipc::Removed::kNothing:
      std::fprintf(stderr, "dipcrm: no server on port %d\n", port);
      return 1;
  }
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 2 && (std::strcmp(argv[1], "--help") == 0 || std::strcmp(argv[1], "-h") == 0)) {
      std::fputs(kUsage, stdout);
      return 0;
    }
    return remove(parse_port(argc, argv));
  } catch (const support::UsageError& error) {
    std::fprintf(stderr, "dipcrm: %s\n%s", error.what(), kUsage);
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dipcrm: %s\n", error.what());
    return 1;
  }
}
