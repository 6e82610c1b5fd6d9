#include "grader/harness/stage.h"

#include <signal.h>

#include <exception>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "grader/harness/asleep.h"
#include "grader/harness/poll.h"

namespace kit {
namespace {

std::string name_of(int signal) { return signal == SIGINT ? "SIGINT" : "SIGTERM"; }

// `within`: how long it may take, for the finding, when that is not the check's own deadline.
void require_end_by(const Server& server, int signal, Deadline end, const std::string& within) {
  const std::string& name = server.process.name();
  did("sent " + name_of(signal));
  server.process.signal(signal);
  const std::optional<Exit> exit = server.process.wait(end);
  if (!exit) fail_hung(name + " ends" + within + " after " + name_of(signal));
  require(exit->clean(), name + " ends with exit status 0 after " + name_of(signal),
          "it ended with " + render(*exit));
}

}  // namespace

void await(const std::string& what, const std::function<void()>& happens) {
  try {
    happens();
  } catch (const Timeout&) {
    fail_hung(what);
  } catch (const PeerError& error) {
    fail(what, error.what());
  }
}

void in_parallel(int count, const std::function<void(int)>& body) {
  std::mutex mutex;
  std::exception_ptr first;
  std::vector<std::jthread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      try {
        body(i);
      } catch (...) {
        std::lock_guard lock(mutex);
        if (!first) first = std::current_exception();
      }
    });
  }
  threads.clear();  // joins
  if (first) std::rethrow_exception(first);
}

void require_end(const Server& server, int signal) {
  require_end_by(server, signal, deadline(), "");
}

void require_prompt_end(const Server& server) {
  constexpr int kLimitMs = 2000;
  constexpr int kSpareMs = 1500;  // a busy machine
  const auto limit_ms = static_cast<std::int64_t>((kLimitMs + kSpareMs) * slowness());
  require_end_by(server, SIGTERM, deadline().but_at_most_ms(limit_ms), " within two seconds");
}

void wait_until_asleep(const Server& program) {
  if (poll_until(deadline(), [&] { return are_asleep(program.process.pid()); })) return;
  fail_hung(program.process.name() + " waits for what comes next", "it is busy all the time");
}

std::string write_file(const std::string& name, const std::string& content) {
  const std::filesystem::path path = box().folder() + "/" + name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file << content;
  if (!file.flush()) fail_not_gradable("cannot write " + path.string());
  return name;
}

}  // namespace kit
