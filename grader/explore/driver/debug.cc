#include "grader/explore/driver/debug.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <system_error>

#include "grader/explore/channel.h"
#include "grader/explore/driver/subject.h"
#include "grader/harness/fd.h"

namespace kit::explore {
namespace {

[[noreturn]] void throw_errno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

void write_foreground_plan(const Schedule& schedule, const std::string& file) {
  UniqueFd fd;
  fd.reset(open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd.valid() || ftruncate(fd.get(), sizeof(Channel)) != 0) throw_errno(file);
  void* memory = mmap(nullptr, sizeof(Channel), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) throw_errno(file);
  plan_replay(schedule, /*is_hasty=*/false, *static_cast<Channel*>(memory));
  munmap(memory, sizeof(Channel));
}

std::string foreground_variable(const std::string& file) { return kOncePrefix + file; }

std::vector<std::string> gdb_command(const std::vector<std::string>& argv, Stop stop) {
  const std::string place = stop == Stop::kAtVerdict ? kFoundFunction : "main";
  std::vector<std::string> command = {"/usr/bin/gdb", "-q", "-ex", "break " + place, "-ex", "run"};
  if (stop == Stop::kAtVerdict) command.insert(command.end(), {"-ex", "info threads"});
  command.push_back("--args");
  command.insert(command.end(), argv.begin(), argv.end());
  return command;
}

void become_gdb(const Schedule& schedule, const std::vector<std::string>& argv) {
  const char* folder = getenv("TMPDIR");
  std::string file = std::string(folder != nullptr ? folder : "/tmp") + "/kit-schedule-XXXXXX";
  const int fd = mkstemp(file.data());
  if (fd < 0) throw_errno(file);
  close(fd);
  write_foreground_plan(schedule, file);
  setenv(kChannelVariable, foreground_variable(file).c_str(), 1);
  std::vector<std::string> command = gdb_command(argv, Stop::kAtVerdict);
  std::vector<char*> words;
  for (std::string& word : command) words.push_back(word.data());
  words.push_back(nullptr);
  execv(words[0], words.data());
  throw_errno("gdb");
}

}  // namespace kit::explore
