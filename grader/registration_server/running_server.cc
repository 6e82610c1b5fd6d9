#include "grader/registration_server/running_server.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <sstream>
#include <system_error>
#include <utility>

#include "grader/harness/peer_error.h"
#include "grader/harness/poll.h"
#include "grader/harness/process_tree.h"
#include "grader/harness/quote.h"
#include "grader/registration_server/instance.h"

namespace kit::registration_lab {
namespace {

constexpr char kProgram[] = "registration_server";

// How long a server may take to end when that is not what is checked.
constexpr int kGraceMs = 3000;

Server start(const std::string& instance, const std::vector<std::string>& options,
             StartOptions start) {
  std::vector<std::string> args = {"--instance", instance};
  args.insert(args.end(), options.begin(), options.end());
  std::string command = kProgram;
  for (const std::string& arg : args) command += ' ' + arg;
  did("started " + command);
  Process& process = box().start(kProgram, std::move(args), std::move(start));
  if (process.wait_for_out("ready\n", deadline())) return {process, 0};
  const std::optional<Exit> exit = process.wait(Deadline::after_ms(kGraceMs));
  if (!exit) fail_hung("registration_server prints `ready`");
  fail("registration_server prints `ready` and keeps running",
       "it ended with " + render(*exit) + ", and said " + in_quotes(shortened(process.err())));
}

std::uint64_t number_after(const std::string& line, const std::string& word) {
  const std::size_t at = line.find(' ' + word + '=');
  if (at == std::string::npos) return 0;
  return std::strtoull(line.c_str() + at + word.size() + 2, nullptr, 10);
}

std::string value_after(const std::string& line, const std::string& word) {
  const std::size_t at = line.find(' ' + word + '=');
  if (at == std::string::npos) return "";
  const std::size_t begin = at + word.size() + 2;
  return line.substr(begin, line.find(' ', begin) - begin);
}

// The lines from "summary" to "total" that come last.
Summary read_summary(const std::string& out) {
  const std::size_t begin = out.rfind("summary clients=");
  require(begin != std::string::npos, "a summary on standard output", "none: " + in_quotes(out));
  std::istringstream lines(out.substr(begin));
  Summary summary;
  std::uint64_t announced = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("summary ")) announced = number_after(line, "clients");
    if (line.starts_with("left ")) summary.left_clients = number_after(line, "clients");
    if (line.starts_with("left ")) summary.left_requests = number_after(line, "requests");
    if (line.starts_with("refused ")) summary.refused = number_after(line, "requests");
    if (line.starts_with("total ")) summary.total = number_after(line, "requests");
    if (line.starts_with("client ")) {
      summary.clients[value_after(line, "name")] = {value_after(line, "key"),
                                                    number_after(line, "requests")};
    }
  }
  require_equal("the number of clients in the summary's first line", std::to_string(announced),
                std::to_string(summary.clients.size()));
  return summary;
}

std::size_t count_of(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
    ++count;
  return count;
}

// What a child says of its end, when it is no good one: "T..." for Timeout, "P..." for PeerError.
void tell(int fd, const std::string& text) {
  static_cast<void>(!::write(fd, text.data(), text.size()));  // nobody would hear of it anyway
}

[[noreturn]] void run_child(int fd, const std::function<void(int)>& body, int number) {
  try {
    body(number);
  } catch (const Timeout& error) {
    tell(fd, std::string("T") + error.what() + '\n');
  } catch (const std::exception& error) {
    tell(fd, std::string("P") + error.what() + '\n');
  } catch (...) {
    tell(fd, "Pa verdict of its own\n");
  }
  // Not exit(): the parent's objects are the parent's.
  ::_exit(0);
}

void reap(pid_t pid) {
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::string read_to_end(int fd) {
  std::string text;
  char buffer[512];
  for (;;) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
  }
}

}  // namespace

std::uint64_t Summary::sum() const {
  std::uint64_t sum = left_requests + refused;
  for (const auto& [name, client] : clients) sum += client.requests;
  return sum;
}

RunningServer::RunningServer(const std::vector<std::string>& options, StartOptions start)
    : RunningServer(fresh_instance(), options, std::move(start)) {}

RunningServer::RunningServer(const std::string& instance, const std::vector<std::string>& options,
                             StartOptions options_of_start)
    : instance_(instance), server_(start(instance_, options, std::move(options_of_start))) {}

RunningServer::~RunningServer() {
  if (!has_ended_ && std::uncaught_exceptions() == 0) {
    process().signal(SIGTERM);
    if (!process().wait(Deadline::after_ms(static_cast<int>(kGraceMs * slowness()))))
      process().kill();
  }
  if (has_ended_ || std::uncaught_exceptions() == 0) remove_objects(instance_);
}

void RunningServer::require_end(int signal) {
  kit::require_end(server_, signal);
  has_ended_ = true;
  require_no_objects(instance_, "when the server has ended");
}

void RunningServer::kill() {
  did("killed the server");
  process().kill();
  has_ended_ = true;
}

void RunningServer::suspend() {
  process().signal(SIGSTOP);
  if (!poll_until(deadline(), [this] { return is_stopped(process().pid()); }))
    fail_not_gradable("SIGSTOP does not stop the server");
}

Summary RunningServer::summary() {
  if (!has_ended_) {
    ++summaries_;
    did("sent SIGUSR1");
    process().signal(SIGUSR1);
    const Deadline end = deadline();
    while (count_of(process().out(), "\ntotal requests=") < summaries_) {
      if (end.expired() || !process().running()) fail_hung("the server prints its summary");
      static_cast<void>(process().wait_for_out("no such text", end.but_at_most_ms(5)));
    }
  }
  return read_summary(process().out());
}

WireClientPtr registered(const RunningServer& server, const std::string& name) {
  auto client = std::make_unique<WireClient>(server.instance(), deadline());
  require_status("the answer to REGISTER of " + name, client->enroll(name), Status::kOk);
  return client;
}

std::string list_of(WireClient& client) {
  std::string text;
  for (const auto& [name, key] : client.ask(Action::kList).clients) text += name + " ";
  return text;
}

void require_no_objects(const std::string& instance, const std::string& when) {
  std::string list;
  for (const std::string& file : object_files(instance)) list += (list.empty() ? "" : "\n") + file;
  if (list.empty()) return;
  remove_objects(instance);
  fail("no shared memory is left " + when, "left behind: " + varies(list), kit::Status::kLeaked);
}

void remove_objects(const std::string& instance) {
  for (const std::string& file : object_files(instance)) shm_unlink(file.c_str());
}

void require_status(const std::string& what, wire::Status status, wire::Status expected) {
  require_equal(what, name_of(status), name_of(expected));
}

void in_processes(int count, const std::function<void(int)>& body) {
  int fds[2];
  if (::pipe(fds) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  std::vector<pid_t> children;
  for (int i = 0; i < count; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(fds[0]);
      run_child(fds[1], body, i);
    }
    if (child > 0) children.push_back(child);
  }
  ::close(fds[1]);
  const std::string told = read_to_end(fds[0]);
  ::close(fds[0]);
  for (const pid_t child : children) reap(child);
  if (static_cast<int>(children.size()) < count) fail_not_gradable("fork() failed");
  if (told.empty()) return;
  const std::string first = told.substr(1, told.find('\n') - 1);
  if (told[0] == 'T') throw Timeout(first);
  throw PeerError(first);
}

void in_one_that_dies(const std::function<void()>& body) {
  int fds[2];
  if (::pipe(fds) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    const auto and_die = [&](int) {
      body();
      ::kill(::getpid(), SIGKILL);
    };
    run_child(fds[1], and_die, 0);
  }
  ::close(fds[1]);
  const std::string told = read_to_end(fds[0]);
  ::close(fds[0]);
  if (child > 0) reap(child);
  if (child < 0) fail_not_gradable("fork() failed");
  if (!told.empty()) throw PeerError(told.substr(1, told.find('\n') - 1));
}

}  // namespace kit::registration_lab
