// handle_with_curl as webproxy uses it, with an eye on the calls of libcurl's that begin and end
// something. Setup: the URL of the origin.
//
//   start N         CurlLibrary and N Origins are made: "made"
//   fetch I PATH    the Ith Origin (from 0) answers a request for the path: the first line of the
//   answer end             all are destroyed again: "destroyed" count NAME      how often that
//   function of libcurl was called so far, "1"; and for
//                   "curl_global_init", whether it was before the first handle: "1, first of all"
#include <dlfcn.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "grader/harness/probe.h"
#include "handle_with_curl.h"
#include "origin.h"

namespace {

std::atomic<int> g_global_inits;
std::atomic<int> g_global_cleanups;
std::atomic<int> g_easy_inits;
std::atomic<int> g_easy_cleanups;
std::atomic<bool> g_init_was_first;

// libcurl itself makes handles now and then. They do not count.
bool is_ours(const void* caller) {
  Dl_info info;
  if (::dladdr(caller, &info) == 0) return true;
  const std::string_view file = info.dli_fname;
  return !file.substr(file.rfind('/') + 1).starts_with("libcurl");
}

template <typename Function>
Function real(const char* name) {
  void* const found = ::dlsym(RTLD_NEXT, name);
  if (found == nullptr) std::abort();
  return reinterpret_cast<Function>(found);
}

}  // namespace

// What the program defines comes before what libcurl does.
extern "C" {

CURLcode curl_global_init(long flags) {
  if (g_global_inits++ == 0) g_init_was_first = g_easy_inits == 0;
  return real<CURLcode (*)(long)>("curl_global_init")(flags);
}

void curl_global_cleanup() {
  ++g_global_cleanups;
  real<void (*)()>("curl_global_cleanup")();
}

CURL* curl_easy_init() {
  if (is_ours(__builtin_return_address(0))) ++g_easy_inits;
  return real<CURL* (*)()>("curl_easy_init")();
}

void curl_easy_cleanup(CURL* handle) {
  if (is_ours(__builtin_return_address(0))) ++g_easy_cleanups;
  real<void (*)(CURL*)>("curl_easy_cleanup")(handle);
}

}  // extern "C"

namespace {

// A client at the other end of a connection that has no network.
struct Client {
  support::UniqueFd end;
  support::UniqueFd other_end;

  Client() {
    std::array<int, 2> fds;
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) < 0) std::abort();
    end.reset(fds[0]);
    other_end.reset(fds[1]);
  }

  // The first line of what has come, once the other end is closed.
  std::string first_line() const {
    std::string answer;
    std::array<char, 4096> piece;
    ssize_t count;
    while ((count = ::recv(end.get(), piece.data(), piece.size(), 0)) > 0) {
      answer.append(piece.data(), static_cast<std::size_t>(count));
    }
    return answer.substr(0, answer.find('\r'));
  }
};

class CurlAdapter : public kit::Adapter {
 public:
  explicit CurlAdapter(std::string url) : url_(std::move(url)) {}

  std::string call(const std::string& name, const kit::Words& args) override {
    if (name == "start") return start(std::stoi(args.at(0)));
    if (name == "fetch") return fetch(std::stoul(args.at(0)), args.at(1));
    if (name == "end") {
      origins_.clear();
      library_.reset();
      return "destroyed";
    }
    if (name == "count") return count(args.at(0));
    throw kit::UnknownCall{name};
  }

 private:
  std::string start(int count) {
    library_ = std::make_unique<proxy::CurlLibrary>();
    proxy::OriginOptions options;
    options.server = url_;
    for (int i = 0; i < count; ++i) origins_.push_back(std::make_unique<proxy::Origin>(options));
    return "made";
  }

  std::string fetch(std::size_t origin, const std::string& path) {
    Client client;
    {
      gfcontext_t context(std::move(client.other_end), gfs::Wire::kDocumented, path);
      gfs::answer(context, &proxy::handle_with_curl, origins_.at(origin).get());
    }  // which ends the connection
    return client.first_line();
  }

  static std::string count(const std::string& name) {
    if (name == "curl_global_init") {
      return std::to_string(g_global_inits) +
             (g_init_was_first ? ", first of all" : ", after a handle was made");
    }
    if (name == "curl_global_cleanup") return std::to_string(g_global_cleanups);
    if (name == "curl_easy_init") return std::to_string(g_easy_inits);
    if (name == "curl_easy_cleanup") return std::to_string(g_easy_cleanups);
    throw kit::UnknownCall{name};
  }

  const std::string url_;
  std::unique_ptr<proxy::CurlLibrary> library_;
  std::vector<std::unique_ptr<proxy::Origin>> origins_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<CurlAdapter>(setup.at(0));
}
