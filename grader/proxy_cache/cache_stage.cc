#include "grader/proxy_cache/cache_stage.h"

#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>
#include <utility>

#include "grader/harness/asleep.h"
#include "grader/harness/poll.h"

namespace kit::proxy_cache_lab {
namespace {

constexpr int kAfterStreamsMs = 2000;

std::vector<std::string> with_instance(std::vector<std::string> args, const std::string& instance) {
  args.push_back("--instance");
  args.push_back(instance);
  return args;
}

// Who has a segment is told by messages and semaphores that go through both programs.
void tell_of_segments(StartOptions& options) { options.env["KIT_ORDERED_ELSEWHERE"] = ".segments"; }

}  // namespace

std::string instance(const std::string& suffix) {
  const std::string name = "kit" + std::to_string(::getpid()) + suffix;
  note_varying(name);
  return name;
}

void CachedFiles::add(const std::string& key, const Content& content, const std::string& name) {
  const std::string path = write_file("cached" + (name.empty() ? key : "/" + name), content.all());
  lines_ += key + " " + path + "\n";
  static_cast<void>(write_file(index_, lines_));
}

void CachedFiles::add_sizes(const std::vector<std::uint64_t>& sizes) {
  for (const std::uint64_t size : sizes) add("/" + std::to_string(size), content_of(size));
}

Content content_of(std::uint64_t size) { return Content(size, size + 1); }

std::vector<std::uint64_t> sizes_around(std::uint64_t segment_bytes, std::uint64_t segments) {
  const std::uint64_t all = segment_bytes * segments;
  const std::set<std::uint64_t> sizes = {0,
                                         1,
                                         segment_bytes / 2,
                                         segment_bytes - 1,
                                         segment_bytes,
                                         segment_bytes + 1,
                                         all - 1,
                                         all,
                                         all + 1,
                                         7 * segment_bytes - 1,
                                         7 * segment_bytes,
                                         7 * segment_bytes + 1};
  return {sizes.begin(), sizes.end()};
}

Server start_cache(const CachedFiles& files, std::vector<std::string> args, StartOptions options,
                   const std::string& instance) {
  args.insert(args.begin(), {"-c", files.index()});
  args = with_instance(std::move(args), instance);
  std::string command = "simplecached";
  for (const std::string& arg : args) command += ' ' + arg;
  did("started " + command);
  tell_of_segments(options);
  Process& process = box().start("simplecached", std::move(args), std::move(options));
  if (!process.wait_for_out("ready", deadline())) {
    const std::optional<Exit> exit = process.wait(Deadline::after_ms(kAfterStreamsMs));
    if (!exit) fail_hung("simplecached prints `ready`");
    fail("simplecached prints `ready` and keeps running", "it ended first, with " + render(*exit));
  }
  return {process, 0};
}

Server start_proxy(std::vector<std::string> args, StartOptions options,
                   const std::string& instance) {
  args.insert(args.begin(), {"-p", "0"});
  tell_of_segments(options);
  return start_server("webproxy", with_instance(std::move(args), instance), std::move(options));
}

Pair start_pair(const CachedFiles& files, std::vector<std::string> proxy_args,
                std::vector<std::string> cache_args, StartOptions options) {
  const Server proxy = start_proxy(std::move(proxy_args), options);
  return {start_cache(files, std::move(cache_args), options), proxy};
}

void require_end_of(const Pair& pair) {
  require_end(pair.proxy, SIGTERM);
  require_end(pair.cache, SIGTERM);
  require_nothing_left();
}

void wait_until_asleep(const Pair& pair) {
  const pid_t proxy = pair.proxy.process.pid();
  const pid_t cache = pair.cache.process.pid();
  if (poll_until(deadline(), [&] { return are_both_asleep(proxy, cache); })) return;
  fail_hung("webproxy and simplecached wait for what comes next", "one is busy all the time");
}

void kill_it(const Server& program) {
  did("killed " + program.process.name());
  program.process.signal(SIGKILL);
  if (!program.process.wait(deadline())) fail_not_gradable("SIGKILL does not end it");
}

void require_nothing_left(const std::string& instance) {
  std::string left;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/dev/shm", ignored)) {
    const std::string name = entry.path().filename();
    // Not that of another instance whose name only begins in the same way.
    const std::size_t at = name.find(instance);
    if (at == std::string::npos) continue;
    const char next = at + instance.size() < name.size() ? name[at + instance.size()] : '.';
    if (next == '.') left += (left.empty() ? "" : ", ") + entry.path().string();
  }
  const mqd_t queue = ::mq_open(("/proxy_cache." + instance + ".commands").c_str(), O_RDONLY);
  if (queue >= 0) {
    ::mq_close(queue);
    left +=
        (left.empty() ? "" : ", ") + ("the message queue /proxy_cache." + instance + ".commands");
  }
  if (left.empty()) return;
  fail(
      "nothing is left behind when both have ended: the destructors of webproxy unlink what it "
      "made",
      "left behind: " + left, Status::kLeaked);
}

void require_file_soon(const Server& proxy, const std::string& path, const Content& content) {
  for (;;) {
    GetfileClient client(proxy);
    client.ask(path);
    const std::string header = client.read_header();
    if (header != "GETFILE ERROR") {
      require_equal("the answer to GET " + path, header,
                    "GETFILE OK " + std::to_string(content.size()));
      client.require_content(content, 0, content.size());
      return client.require_end();
    }
    if (deadline().expired()) fail_hung("the file, at last", "each answer is ERROR");
    // Nobody tells when the cache is there; a client would try again, too.
    static_cast<void>(::usleep(20'000));
  }
}

std::optional<std::string> ask_and_take_all(const Server& proxy, const std::string& path) {
  TcpOptions options;
  options.port = proxy.port;
  UniqueFd fd;
  try {
    fd = box().connect(options, deadline());
  } catch (const std::system_error&) {
    return std::nullopt;
  }
  const std::string request = proxy_lab::request_for(path);
  // When it fails, the connection has ended, which recv() tells as well.
  static_cast<void>(::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL));
  std::string all;
  std::vector<char> piece(std::size_t{64} * 1024);
  for (;;) {
    pollfd entry = {fd.get(), POLLIN, 0};
    if (::poll(&entry, 1, deadline().remaining_ms()) <= 0 && deadline().expired())
      fail_hung("the connection ends, after GET " + path);
    const ssize_t count = ::recv(fd.get(), piece.data(), piece.size(), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (count <= 0) return all;
    all.append(piece.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace kit::proxy_cache_lab
