#include "grader/harness/evidence.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <pugixml.hpp>
#include <sstream>
#include <string_view>

#include "grader/harness/fd.h"
#include "grader/harness/function_name.h"

namespace kit {
namespace {

constexpr char kSanitizerPrefix[] = "sanitizer";
constexpr char kValgrindPrefix[] = "valgrind";
// Statuses that programs do not use by themselves.
constexpr int kSanitizerExit = 86;
constexpr int kValgrindExit = 97;
constexpr std::size_t kMaxRawBytes = 4000;
constexpr std::size_t kMaxReportBytes = 4 << 20;
constexpr std::size_t kMaxReports = 1000;  // one for each process

// The folder is the subject's as well: a link there may lead anywhere, a pipe may have no writer,
// and a file may be of any size.
std::string read_file(const std::filesystem::path& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status = {};
  if (!fd.valid() || fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return "";
  std::string text;
  std::array<char, 16384> buffer;
  while (text.size() < kMaxReportBytes) {
    const ssize_t got = read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Marks what differs from run to run: addresses and process ids.
std::string mark_varying(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size();) {
    std::size_t end = i;
    if (line.substr(i, 2) == "0x") {
      end = i + 2;
      while (end < line.size() && std::isxdigit(static_cast<unsigned char>(line[end]))) ++end;
    } else if (line.substr(i, 4) == "pid=" || line.substr(i, 4) == "tid=") {
      out += line.substr(i, 4);
      i += 4;
      end = i;
      while (end < line.size() && std::isdigit(static_cast<unsigned char>(line[end]))) ++end;
    }
    if (end > i) {
      out += varies(line.substr(i, end - i));
      i = end;
    } else {
      out += line[i++];
    }
  }
  return out;
}

// "==4711==ERROR: ..." -> "ERROR: ..."
std::string without_process_id(const std::string& line) {
  const std::size_t end = line.find("==", 2);
  return line.rfind("==", 0) == 0 && end != std::string::npos ? line.substr(end + 2) : line;
}

// One line "    #1 0x4f in ring::RingBuffer::push(...) labs/x/ring_buffer.cc:41:3 (...)".
struct SanitizerFrame {
  std::string function;
  std::string place;
};

std::optional<SanitizerFrame> parse_frame(const std::string& line, const OwnCode& own) {
  const std::size_t hash = line.find_first_not_of(' ');
  if (hash == std::string::npos || line[hash] != '#') return std::nullopt;
  SanitizerFrame frame;
  const std::size_t path = own.find(line).begin;
  std::size_t name = line.find(" in ");  // ASan
  name =
      name == std::string::npos ? line.find(' ', hash) + 1 : name + 4;  // TSan: "#1 function file"
  if (path == std::string::npos) {
    frame.function = line.substr(name, line.find(" (", name) - name);
    return frame;
  }
  const std::size_t path_begin = line.rfind(' ', path) + 1;
  const std::size_t path_end = std::min(line.find(' ', path), line.size());
  frame.place = line.substr(path_begin, path_end - path_begin);
  if (std::count(frame.place.begin(), frame.place.end(), ':') == 2) {
    frame.place.erase(frame.place.rfind(':'));
  }
  frame.function = line.substr(name, path_begin > name ? path_begin - 1 - name : 0);
  return frame;
}

// "==123==ERROR: AddressSanitizer: heap-use-after-free on address ..." -> up to the details.
std::string sanitizer_summary(const std::string& text) {
  for (std::string_view mark : {"ERROR: ", "WARNING: "}) {
    const std::size_t at = text.find(mark);
    if (at == std::string::npos) continue;
    const std::size_t begin = at + mark.size();
    std::string line = text.substr(begin, text.find('\n', begin) - begin);
    for (std::string_view detail : {" on address", " on unknown address", " (pid=", " 0x"}) {
      line = line.substr(0, line.find(detail));
    }
    return line;
  }
  const std::size_t at = text.find("runtime error: ");
  if (at == std::string::npos) return "a sanitizer's report";
  return "UndefinedBehaviorSanitizer: " + text.substr(at + 15, text.find('\n', at) - at - 15);
}

Status sanitizer_status(std::string_view text) {
  if (contains(text, "ThreadSanitizer: data race")) return Status::kRaced;
  if (contains(text, "LeakSanitizer") || contains(text, "thread leak")) return Status::kLeaked;
  return Status::kCrashed;
}

// Collects the parts of a report that lead to the subject's own code: a heading, the library
// function that was called from there, and the own frames below it. What leads nowhere is left out.
class ReportDigest {
 public:
  void add_heading(const std::string& line) {
    if (frames_open_) pending_.clear();
    pending_ += mark_varying(line) + '\n';
    frames_open_ = false;
  }

  void add_frame(const SanitizerFrame& frame) {
    const bool is_top = !frames_open_;
    frames_open_ = true;
    if (!frame.place.empty()) {
      text_ += pending_ + "    " + short_function_name(frame.function) + "  " + frame.place + '\n';
      if (where_.empty()) where_ = frame.place;
      pending_.clear();
    } else if (is_top) {
      const std::string name = frame.function.substr(0, frame.function.find(" ../"));
      pending_ += "    in " + short_function_name(name) + '\n';
    }
  }

  const std::string& text() const { return text_; }
  const std::string& where() const { return where_; }

 private:
  std::string pending_;  // not yet followed by a frame of the subject's
  bool frames_open_ = false;
  std::string text_;
  std::string where_;
};

// UBSan's own line: "labs/x/y.cc:12:3: runtime error: ..."
std::string place_of_runtime_error(const std::string& text, const OwnCode& own) {
  const std::size_t path = own.find(text).begin;
  if (path == std::string::npos) return "";
  const std::string rest = text.substr(path, text.find_first_of(" \n", path) - path);
  return rest.substr(0, rest.find(':', rest.find(':') + 1));
}

// The first report of a file.
Evidence read_sanitizer(const std::string& text, const OwnCode& own) {
  ReportDigest digest;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (contains(line, "Shadow bytes") || contains(line, "SUMMARY")) break;
    if (const std::optional<SanitizerFrame> frame = parse_frame(line, own)) {
      digest.add_frame(*frame);
    } else if (!line.empty() && !contains(line, "=====")) {
      digest.add_heading(without_process_id(line));
    }
  }
  Evidence evidence{sanitizer_status(text), sanitizer_summary(text), digest.text(), digest.where()};
  if (evidence.report.empty()) evidence.report = varies(text.substr(0, kMaxRawBytes));
  if (evidence.where.empty()) evidence.where = place_of_runtime_error(text, own);
  if (evidence.status == Status::kRaced) {
    // Which of the two threads came first, and which of the accesses was seen.
    evidence.report = varies(evidence.report);
    evidence.where = varies(evidence.where);
  }
  return evidence;
}

std::string valgrind_frames(const pugi::xml_node& stack, const OwnCode& own, std::string& where) {
  std::string out;
  bool is_first = true;
  for (const pugi::xml_node& frame : stack.children("frame")) {
    const std::string place = std::string(frame.child_value("dir")) + "/" +
                              frame.child_value("file") + ":" + frame.child_value("line");
    const std::string function = short_function_name(frame.child_value("fn"));
    if (own.is_in(place)) {
      out += "    " + function + "  " + place + '\n';
      if (where.empty()) where = place;
    } else if (is_first) {
      out += "    in " + function + '\n';
    }
    is_first = false;
  }
  return out;
}

Evidence read_valgrind_error(const pugi::xml_node& error, const OwnCode& own) {
  const std::string kind = error.child_value("kind");
  Evidence evidence;
  evidence.status = kind.rfind("Leak_", 0) == 0 ? Status::kLeaked : Status::kCrashed;
  evidence.summary =
      error.child("xwhat") ? error.child("xwhat").child_value("text") : error.child_value("what");
  if (evidence.status == Status::kLeaked) {
    evidence.summary = evidence.summary.substr(0, evidence.summary.find(" in loss record"));
  }
  evidence.summary = "Valgrind: " + evidence.summary;
  for (const pugi::xml_node& child : error.children()) {
    if (std::string_view(child.name()) == "auxwhat") {
      evidence.report += mark_varying(child.child_value()) + '\n';
    } else if (std::string_view(child.name()) == "stack") {
      evidence.report += valgrind_frames(child, own, evidence.where);
    }
  }
  return evidence;
}

std::optional<Evidence> read_valgrind(const std::string& path, const OwnCode& own) {
  pugi::xml_document document;
  // A process that was killed leaves an unfinished file: what is there is read all the same.
  const std::string text = read_file(path);
  document.load_buffer(text.data(), text.size());
  for (const pugi::xml_node& error : document.child("valgrindoutput").children("error")) {
    return read_valgrind_error(error, own);
  }
  return std::nullopt;
}

// A crash explains a leak, and a race explains a crash less than the crash itself.
int weight(Status status) {
  if (status == Status::kCrashed) return 3;
  return status == Status::kRaced ? 2 : 1;
}

}  // namespace

std::map<std::string, std::string> report_environment(Mode mode, const std::string& folder) {
  const std::string common = "log_path=" + folder + "/" + kSanitizerPrefix +
                             ":exitcode=" + std::to_string(kSanitizerExit) + ":";
  if (mode == Mode::kAsan) {
    return {{"ASAN_OPTIONS", common + "detect_leaks=1:detect_stack_use_after_return=1:handle_abort="
                                      "1:allocator_may_return_null=1"},
            {"UBSAN_OPTIONS", common + "print_stacktrace=1:halt_on_error=1"},
            {"LSAN_OPTIONS", common}};
  }
  if (mode == Mode::kTsan) {
    // Lock order alone is no deadlock: a cycle is reported when it is witnessed.
    return {{"TSAN_OPTIONS", common + "detect_deadlocks=0:history_size=4:report_signal_unsafe=1"}};
  }
  return {};
}

std::vector<std::string> report_command(Mode mode, const std::string& folder) {
  // Some kernels randomise more address bits than TSan's shadow allows.
  if (mode == Mode::kTsan) return {"/usr/bin/setarch", "-R"};
  if (mode != Mode::kMemcheck) return {};
  return {"/usr/bin/valgrind",
          "--quiet",
          "--vgdb=no",
          "--leak-check=full",
          "--show-leak-kinds=definite",
          "--errors-for-leak-kinds=definite",
          "--error-exitcode=" + std::to_string(kValgrindExit),
          "--trace-children=yes",
          "--max-threads=3000",
          "--fair-sched=yes",
          "--child-silent-after-fork=no",
          "--xml=yes",
          "--xml-file=" + folder + "/" + kValgrindPrefix + ".%p"};
}

bool is_report_status(int exit_status) {
  return exit_status == kSanitizerExit || exit_status == kValgrindExit;
}

std::optional<Evidence> read_evidence(const std::string& folder, const OwnCode& own) {
  std::optional<Evidence> worst;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  if (files.size() > kMaxReports) files.resize(kMaxReports);
  for (const std::filesystem::path& file : files) {
    const std::string name = file.filename();
    std::optional<Evidence> found;
    if (name.rfind(kSanitizerPrefix, 0) == 0) found = read_sanitizer(read_file(file), own);
    if (name.rfind(kValgrindPrefix, 0) == 0) found = read_valgrind(file, own);
    if (found && (!worst || weight(found->status) > weight(worst->status))) worst = found;
  }
  return worst;
}

}  // namespace kit
