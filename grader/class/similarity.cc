#include "grader/class/similarity.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>

#include "grader/grade/errors.h"
#include "grader/grade/files.h"
#include "grader/grade/process.h"
#include "grader/harness/deadline.h"

namespace kit::grade {
namespace {

namespace fs = std::filesystem;

constexpr int kPatience_ms = 300'000;
constexpr std::size_t kShortLine = 4;

std::string trimmed(const std::string& line) {
  const std::size_t begin = line.find_first_not_of(" \t\r");
  if (begin == std::string::npos) return "";
  return line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
}

UniqueFd open_file(const fs::path& file, int flags) {
  UniqueFd fd(open(file.c_str(), flags | O_CLOEXEC, 0600));
  if (!fd.valid()) throw_errno("cannot open " + file.string());
  return fd;
}

// The tester reads what strangers wrote, and may be slow on it.
int wait_at_most(Process& process, int patience_ms) {
  const Deadline deadline = Deadline::after_ms(patience_ms);
  pollfd ended = {process.exit_fd(), POLLIN, 0};
  while (poll(&ended, 1, deadline.remaining_ms()) <= 0) {
    if (!deadline.expired()) continue;
    process.send(SIGKILL);
    throw GraderError("sim_c++ took too long");
  }
  return process.wait();
}

std::string run_tester(const fs::path& folder, int min_percent) {
  const UniqueFd in = open_file(folder / "names", O_RDONLY);
  const UniqueFd out = open_file(folder / "output", O_WRONLY | O_CREAT | O_TRUNC);
  const UniqueFd null = open_file("/dev/null", O_WRONLY);
  Process sim =
      Process::start({"sim_c++", "-p", "-a", "-T", "-t", std::to_string(min_percent), "-i"},
                     {folder, in.get(), out.get(), null.get(), false});
  if (const int status = wait_at_most(sim, kPatience_ms); status != 0) {
    throw GraderError("sim_c++ ended with exit status " + std::to_string(status));
  }
  std::ifstream output(folder / "output");
  return {std::istreambuf_iterator<char>(output), {}};
}

}  // namespace

std::set<std::string> telling_lines(const std::string& text) {
  std::set<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    line = trimmed(line);
    if (line.size() >= kShortLine) lines.insert(line);
  }
  return lines;
}

std::string own_text(const std::map<std::string, std::string>& files,
                     const std::set<std::string>& given) {
  std::string text;
  for (const auto& [name, content] : files) {
    std::istringstream in(content);
    for (std::string line; std::getline(in, line);) {
      if (given.count(trimmed(line)) == 0) text += line + "\n";
    }
  }
  return text;
}

std::vector<Likeness> find_alike(const std::vector<Work>& works, int min_percent) {
  if (works.size() < 2) return {};
  const TempDir folder;
  std::string names;
  for (std::size_t i = 0; i < works.size(); ++i) {
    const std::string name = std::to_string(i) + ".cc";
    write_whole_file(folder.path() / name, works[i].text);
    names += name + "\n";
  }
  write_whole_file(folder.path() / "names", names);
  return parse_alike(run_tester(folder.path(), min_percent), works);
}

// "0.cc consists for 63 % of 1.cc material"
std::vector<Likeness> parse_alike(const std::string& output, const std::vector<Work>& works) {
  std::vector<Likeness> alike;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    std::size_t first = 0;
    std::size_t second = 0;
    int percent = 0;
    if (std::sscanf(line.c_str(), "%zu.cc consists for %d %% of %zu.cc material", &first, &percent,
                    &second) != 3) {
      continue;
    }
    if (first >= works.size() || second >= works.size() || first == second) continue;
    alike.push_back({works[first].student, works[second].student, percent});
  }
  std::stable_sort(alike.begin(), alike.end(),
                   [](const Likeness& a, const Likeness& b) { return a.percent > b.percent; });
  return alike;
}

}  // namespace kit::grade
