#include "grader/proxy/proxy_stage.h"

#include <utility>

namespace kit::proxy_lab {
namespace {

// A program may keep a connection to the origin, or what a library opens once.
constexpr int kSlack = 6;

// What an allocator may keep for later, and well below a handle for each request (some 20 KB).
constexpr std::int64_t kSlackKb = 4096;

}  // namespace

Server start_proxy(const std::string& url, std::vector<std::string> args, StartOptions options) {
  args.insert(args.begin(), {"-p", "0", "-s", url});
  return start_server("webproxy", std::move(args), std::move(options));
}

void require_back(const Server& server, const Holdings& before, int requests) {
  kit::require_back(server, before,
                    {.threads = 0, .descriptors = kSlack, .memory_kb = kSlackKb + requests});
}

void require_threads_back(const Server& server, const Holdings& before, int descriptors) {
  kit::require_back(server, before, {.threads = 0, .descriptors = descriptors + kSlack});
}

}  // namespace kit::proxy_lab
