#include "grader/explore/driver/debug.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <system_error>

#include "grader/explore/channel.h"
#include "grader/explore/driver/subject.h"
#include "grader/harness/debugger.h"
#include "grader/harness/fd.h"
#include "grader/harness/temp_folder.h"

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
  std::vector<std::string> command = {"/usr/bin/gdb", "-q"};
  // The processes of a scenario are debugged together, and go on together.
  for (const char* setting : {"set pagination off", "set detach-on-fork off",
                              "set schedule-multiple on", "set print inferior-events off"}) {
    command.insert(command.end(), {"-ex", setting});
  }
  command.insert(command.end(), {"-ex", "break " + place, "-ex", "run"});
  if (stop == Stop::kAtVerdict) command.insert(command.end(), {"-ex", "info threads"});
  command.push_back("--args");
  command.insert(command.end(), argv.begin(), argv.end());
  return command;
}

void run_in_gdb(const Schedule& schedule, const std::vector<std::string>& argv) {
  const TempFolder folder;
  const std::string plan = folder.path() + "/plan";
  write_foreground_plan(schedule, plan);
  signal(SIGINT, SIG_IGN);  // Ctrl-C is meant for the program that gdb runs
  run_gdb(gdb_command(argv, Stop::kAtVerdict), {{kChannelVariable, foreground_variable(plan)}}, {});
}

}  // namespace kit::explore
