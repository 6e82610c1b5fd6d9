// What another process puts in order, ThreadSanitizer does not see: it looks at one process.
//
// Two threads may take turns at a piece of shared memory with nothing between them in their own
// process: the one posts a semaphore, somebody elsewhere takes the post and sends a message, and
// the other thread begins with that. A check whose programs work so says it of their memory, by
//
//     KIT_ORDERED_ELSEWHERE=<part of a name in /dev/shm>
//
// in the environment, and races in objects of such a name are not told. (A suppression would be
// simpler, but that of GCC 12 has no effect on memory that is mapped from a file.)
//
// Linked into the programs of the mode tsan, with tsan_gaps.cc. Source: proc(5) on maps, and
// compiler-rt's lib/tsan/rtl/tsan_interface.h.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

bool has_address(const char* line, std::uintptr_t address) {
  unsigned long begin = 0, end = 0;
  return std::sscanf(line, "%lx-%lx", &begin, &end) == 2 && begin <= address && address < end;
}

bool is_named(const char* line, const char* part) {
  const char* name = std::strstr(line, "/dev/shm/");
  return name != nullptr && std::strstr(name, part) != nullptr;
}

// Whether the address is in an object of /dev/shm with this in its name. By plain system calls:
// ThreadSanitizer's own functions are not to be entered from within a report.
bool is_in_object(std::uintptr_t address, const char* part) {
  const int fd =
      static_cast<int>(::syscall(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC));
  if (fd < 0) return false;
  bool is_there = false;
  char line[512];
  std::size_t length = 0;
  for (char c; !is_there && ::syscall(SYS_read, fd, &c, 1) == 1;) {
    if (c != '\n') {
      if (length + 1 < sizeof line) line[length++] = c;
      continue;
    }
    line[length] = '\0';
    is_there = has_address(line, address) && is_named(line, part);
    length = 0;
  }
  static_cast<void>(::syscall(SYS_close, fd));
  return is_there;
}

}  // namespace

extern "C" {

int __tsan_get_report_data(const void* report, const char** description, int* count, int* stacks,
                           int* accesses, int* locations, int* mutexes, int* threads, int* ids,
                           void** trace, std::uintptr_t trace_size);
int __tsan_get_report_mop(const void* report, std::uintptr_t index, int* thread, void** address,
                          int* size, int* is_write, int* is_atomic, void** trace,
                          std::uintptr_t trace_size);

}  // extern "C"

namespace __tsan {

class ReportDesc;

// ThreadSanitizer asks it for each report before it is printed; true leaves the report out.
bool OnReport(const ReportDesc* report, bool is_suppressed);
bool OnReport(const ReportDesc* report, bool is_suppressed) {
  const char* part = std::getenv("KIT_ORDERED_ELSEWHERE");
  if (is_suppressed || part == nullptr || *part == '\0') return is_suppressed;
  const char* description;
  int count, stacks, accesses = 0, locations, mutexes, threads, ids;
  void* trace[1];
  __tsan_get_report_data(report, &description, &count, &stacks, &accesses, &locations, &mutexes,
                         &threads, &ids, trace, 1);
  if (accesses == 0) return false;  // a report of something else than a race
  int thread, size, is_write, is_atomic;
  void* address = nullptr;
  __tsan_get_report_mop(report, 0, &thread, &address, &size, &is_write, &is_atomic, trace, 1);
  return is_in_object(reinterpret_cast<std::uintptr_t>(address), part);
}

}  // namespace __tsan
