// Runs one command of the compiler on a submission's code, in a box:
//
//   boxed --output FILE [--scan] --inputs LIST -- COMMAND...
//
// COMMAND stands where Bazel's action stands and sees the files that LIST names, one a line, at the
// same relative paths; /usr; and nothing else. It may write next to FILE only, which is copied out
// when it has succeeded. --scan: COMMAND compiles a source, which is looked through before
// (scan.h); what was looked through is what is compiled.
//
// Time (of the CPU, so that a loaded machine changes nothing), memory, processes and output are
// bounded. Where namespaces are refused, it runs with these limits, and as root under a user of its
// own.
//
// Exit status: COMMAND's; 1 when it went beyond a limit or the scan found something. The compiler's
// words, and those of the scan in the compiler's form, go to standard error. When this program
// itself cannot do its work, what it writes begins with "boxed: ", and the exit status is 2.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "grader/harness/fd.h"
#include "grader/harness/temp_folder.h"
#include "grader/submissions/bwrap.h"
#include "grader/submissions/confinement.h"
#include "grader/submissions/limited.h"
#include "grader/submissions/scan.h"

namespace kit {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMaxOutputFile = std::int64_t{128} << 20;
constexpr int kCpuSeconds = 30;  // ten times what the largest file of a lab takes
constexpr std::int64_t kMostMemory = std::int64_t{3} << 30;
// A compiler that waits uses no CPU time. Nothing in a box is there to wait for; this is for what
// nobody thought of.
constexpr int kWallMs = 30 * 60'000;
constexpr char kWork[] = "/box/work";

struct Order {
  std::string output;
  std::string listing;
  bool has_scan = false;
  std::vector<std::string> command;
};

Order parse(int argc, char** argv) {
  Order order;
  int i = 1;
  for (; i < argc && std::string_view(argv[i]) != "--"; ++i) {
    const std::string_view word = argv[i];
    if (word == "--scan") {
      order.has_scan = true;
    } else if (i + 1 < argc && word == "--output") {
      order.output = argv[++i];
    } else if (i + 1 < argc && word == "--inputs") {
      order.listing = argv[++i];
    } else {
      throw std::runtime_error("what is " + std::string(word) + "?");
    }
  }
  for (++i; i < argc; ++i) order.command.push_back(argv[i]);
  if (order.output.empty() || order.listing.empty() || order.command.empty()) {
    throw std::runtime_error("usage: boxed --output FILE [--scan] --inputs LIST -- COMMAND...");
  }
  return order;
}

std::vector<std::string> read_lines(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

Limits limits() {
  struct sysinfo info = {};
  const bool is_known = sysinfo(&info) == 0;
  const std::int64_t memory =
      is_known ? static_cast<std::int64_t>(info.totalram) * info.mem_unit : 0;
  Limits limits;
  limits.memory_bytes =
      std::clamp<std::int64_t>(memory / 4 * 3, std::int64_t{1} << 30, kMostMemory);
  limits.cpu_seconds = kCpuSeconds;
  limits.file_bytes = kMaxOutputFile;
  return limits;
}

// What a box left, read without following a link or waiting for a pipe's other end.
std::string read_bounded(const fs::path& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status = {};
  if (!fd.valid() || fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
      status.st_size > kMaxOutputFile) {
    throw std::runtime_error("the compiler left no file " + path.filename().string());
  }
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t got = read(fd.get(), text.data() + done, text.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  text.resize(done);
  return text;
}

void write_program(const std::string& path, const std::string& bytes, mode_t mode) {
  unlink(path.c_str());
  const UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  std::size_t done = 0;
  while (fd.valid() && done < bytes.size()) {
    const ssize_t written = write(fd.get(), bytes.data() + done, bytes.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    done += static_cast<std::size_t>(written);
  }
  if (!fd.valid() || done < bytes.size()) {
    throw std::system_error(errno, std::generic_category(), path);
  }
}

// The place where the compiler runs: a box where there can be one, else a folder with copies.
class Workshop {
 public:
  explicit Workshop(const Order& order) : order_(order), uid_(box_uid(getpid())) {
    out_ = folder_.path() + "/out";
    fs::create_directory(out_);
    if (uid_ && chown(out_.c_str(), *uid_, *uid_) != 0) {
      throw std::system_error(errno, std::generic_category(), "chown");
    }
    has_box_ = can_box();
    has_box_ ? plan_box() : copy_inputs();
  }

  Ended run(const std::vector<std::string>& command) {
    std::vector<std::string> argv;
    if (has_box_) argv = bwrap_command(plan_);
    if (uid_) {
      const std::vector<std::string> user = as_user(*uid_);
      argv.insert(argv.end(), user.begin(), user.end());
    }
    argv.insert(argv.end(), command.begin(), command.end());
    return run_limited(argv, has_box_ ? "" : copies(), {"PWD=/proc/self/cwd"}, limits(),
                       Deadline::after_ms(kWallMs));
  }

  fs::path output_folder() const {
    return has_box_ ? fs::path(out_) : copies() / fs::path(order_.output).parent_path();
  }

 private:
  fs::path copies() const { return folder_.path() + "/in"; }

  void plan_box() {
    const std::string work = kWork;
    plan_.folder = work;
    for (const std::string& input : read_lines(order_.listing)) {
      plan_.read_only.emplace_back(fs::canonical(input), work + "/" + input);
    }
    plan_.writable.emplace_back(out_, work + "/" + fs::path(order_.output).parent_path().string());
    plan_.more = {"--perms", "1777", "--tmpfs", "/tmp"};
  }

  void copy_inputs() {
    if (chmod(folder_.path().c_str(), 0711) != 0) throw std::runtime_error("chmod");
    for (const std::string& input : read_lines(order_.listing)) {
      const fs::path copy = copies() / input;
      fs::create_directories(copy.parent_path());
      fs::copy_file(input, copy);
    }
    fs::create_directories(output_folder());
    if (uid_ && chown(output_folder().c_str(), *uid_, *uid_) != 0)
      throw std::runtime_error("chown");
  }

  const Order& order_;
  const std::optional<uid_t> uid_;
  const TempFolder folder_;
  std::string out_;
  bool has_box_ = false;
  BoxPlan plan_;
};

std::string source_of(const Order& order) {
  for (std::size_t i = 0; i + 1 < order.command.size(); ++i) {
    if (order.command[i] == "-c") return order.command[i + 1];
  }
  throw std::runtime_error("the command names no source");
}

std::string name_of(const Order& order) { return order.has_scan ? source_of(order) : order.output; }

// What the compiler says when it needs too much differs with what ran out first.
bool is_beyond_limits(const Ended& ended) {
  if (ended.is_late || WIFSIGNALED(ended.status)) return true;
  for (const char* word :
       {"CPU time limit", "Killed", "out of memory", "memory exhausted", "Cannot allocate memory",
        "File size limit", "internal compiler error"}) {
    if (ended.output.find(word) != std::string::npos) return true;
  }
  return WEXITSTATUS(ended.status) >= 128;
}

void print(const std::string& text) {
  // Nobody takes a compiler's words for this program's.
  if (text.starts_with("boxed: ")) std::fputc('\n', stderr);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

int report(const Order& order, const Ended& ended) {
  if (is_beyond_limits(ended)) {
    print(name_of(order) + ":1:1: error: building this needs more than " +
          std::to_string(kCpuSeconds) + " seconds of a processor, " +
          std::to_string(limits().memory_bytes >> 20) + " MiB of memory or " +
          std::to_string(kMaxOutputFile >> 20) +
          " MiB for a file; something in it expands without end\n");
  }
  print(ended.output);
  return 1;
}

// The same command, but for what it makes.
std::vector<std::string> as_preprocessor(std::vector<std::string> command,
                                         const std::string& text) {
  for (std::size_t i = 0; i + 1 < command.size(); ++i) {
    if (command[i] == "-c") command[i] = "-E";
    if (command[i] == "-o") command[i + 1] = text;
  }
  return command;
}

// The source as the preprocessor leaves it, in the box.
fs::path preprocessed(const Order& order) {
  return fs::path(order.output).replace_extension(".ii");
}

// Compiles what has been looked through; and nothing is read twice.
std::vector<std::string> after_preprocessor(const Order& order) {
  std::vector<std::string> command = order.command;
  for (std::size_t i = 0; i + 1 < command.size(); ++i) {
    if (command[i] == "-c") command[i + 1] = preprocessed(order);
  }
  return command;
}

// Empty when there is nothing to object to.
std::string findings_of_scan(const Order& order, Workshop& workshop, Ended& ended) {
  for (const std::string& input : read_lines(order.listing)) {
    if (!input.starts_with("external/submissions/")) continue;
    const std::string found = scan_source(read_bounded(fs::canonical(input)), input);
    if (!found.empty()) return found;
  }
  const fs::path text = preprocessed(order);
  ended = workshop.run(as_preprocessor(order.command, text));
  if (!ended.is_ok()) return "";
  return scan_preprocessed(read_bounded(workshop.output_folder() / text.filename()));
}

int run(const Order& order) {
  Workshop workshop(order);
  if (order.has_scan) {
    Ended ended;
    const std::string found = findings_of_scan(order, workshop, ended);
    print(found);
    if (!found.empty()) return 1;
    if (!ended.is_ok()) return report(order, ended);
  }
  const Ended ended = workshop.run(order.has_scan ? after_preprocessor(order) : order.command);
  if (!ended.is_ok()) return report(order, ended);
  print(ended.output);
  const fs::path made = workshop.output_folder() / fs::path(order.output).filename();
  write_program(order.output, read_bounded(made), order.has_scan ? 0644 : 0755);
  return 0;
}

}  // namespace
}  // namespace kit

int main(int argc, char** argv) try {
  return kit::run(kit::parse(argc, argv));
} catch (const std::exception& error) {
  std::fprintf(stderr, "boxed: %s\n", error.what());
  return 2;
}
