// The beginning of an explored program: the fork server.
//
// Before main(), and before the constructors of the program's globals, the process that the driver
// started becomes a server: for each "go" it forks a child that runs the whole program under one
// plan, and says "done" when the child has ended. So each schedule begins with the same memory, and
// a crash costs no more than one of them. Without the driver's word in the environment nothing
// happens.
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grader/explore/runtime/arena.h"
#include "grader/explore/runtime/finish.h"
#include "grader/explore/runtime/io.h"
#include "grader/explore/runtime/names.h"
#include "grader/explore/runtime/processes.h"
#include "grader/explore/runtime/raw.h"
#include "grader/explore/runtime/scheduler.h"
#include "grader/explore/runtime/shadow.h"
#include "grader/explore/runtime/threads.h"

namespace kit::explore {
namespace {

constexpr int kProcessorSeconds = 10;  // of one schedule
constexpr int kRealSeconds = 20;       // for what blocks where the runtime does not see it

struct Fds {
  int channel = -1;
  int go = -1;
  int done = -1;
  int nowhere = -1;
};

// Pointers then have the same value in each campaign: what a program does with them is the same,
// too. Where this is not allowed, the rest works all the same.
void fix_addresses(char** argv) {
  const int now = personality(0xffffffff);
  if (now == -1 || (now & ADDR_NO_RANDOMIZE) != 0) return;
  if (personality(now | ADDR_NO_RANDOMIZE) == -1) return;
  if ((personality(0xffffffff) & ADDR_NO_RANDOMIZE) != 0) execv("/proc/self/exe", argv);
}

int note_base(dl_phdr_info* info, std::size_t, void* base) {
  *static_cast<std::uint64_t*>(base) = info->dlpi_addr;
  return 1;  // the executable is the first
}

// Every child reads its input from the beginning, though they share the descriptor.
void rewind_input() { (void)lseek(STDIN_FILENO, 0, SEEK_SET); }

void limit_resources() {
  const rlimit limit{kProcessorSeconds, kProcessorSeconds};
  setrlimit(RLIMIT_CPU, &limit);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  KIT_REAL(alarm)(kRealSeconds);
}

// One thread runs at a time. To wake the next one costs ten times as much across processors as on
// the one where the last one ran. Refused, it is only slower.
void stay_on_this_processor() {
  cpu_set_t here;
  CPU_ZERO(&here);
  CPU_SET(static_cast<unsigned>(sched_getcpu()), &here);
  (void)sched_setaffinity(0, sizeof here, &here);
}

// A thousand runs would print the same thousand times. The one that is looked at, is replayed.
void mute(int nowhere) {
  if (g_channel->plan.strategy != StrategyKind::kReplay) {
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
  }
  close(nowhere);
}

// From here on this process is the subject.
void begin_run() {
  note_first_descriptors();
  if (!make_arena()) _exit(kRuntimeFault);
  make_world();
  make_shadow();
  start_scheduler();
  start_threads();
  watch_for_crashes();
  note_first_process();
}

// In the child of the fork server.
void become_run(const Fds& fds) {
  setpgid(0, 0);
  mute(fds.nowhere);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  close(fds.go);
  close(fds.done);
  close(fds.channel);
  limit_resources();
  stay_on_this_processor();
  rewind_input();
  begin_run();
}

void clear_outcome() {
  g_channel->outcome = Outcome{};
  g_channel->outcome.thread = kNobody;
  Outcome& outcome = g_channel->outcome;
  outcome.trace_hash = outcome.switch_hash = outcome.replay_hash = 0xcbf29ce484222325ull;
  g_channel->switch_count = g_channel->pick_count = g_channel->event_count = 0;
}

void sweep_up(pid_t child) {
  kill(-child, SIGKILL);
  while (KIT_REAL(waitpid)(-1, nullptr, 0) > 0) continue;
}

// Returns in the child.
void serve(Fds fds) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  fds.nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  char word = 0;
  while (KIT_REAL(read)(fds.go, &word, 1) == 1) {
    clear_outcome();
    prepare_names();
    const pid_t child = KIT_REAL(fork)();
    if (child == 0) return become_run(fds);
    if (child < 0) _exit(kRuntimeFault);
    int status = 0;
    KIT_REAL(waitpid)(child, &status, 0);
    sweep_up(child);
    remove_names_of_run();
    g_channel->outcome.wait_status = status;
    if (KIT_REAL(write)(fds.done, &word, 1) != 1) break;
  }
  _exit(0);
}

bool read_fds(const char* text, Fds& fds) {
  return text != nullptr && sscanf(text, "%d,%d,%d", &fds.channel, &fds.go, &fds.done) == 3;
}

bool map_channel(int fd) {
  void* memory = mmap(nullptr, sizeof(Channel), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return false;
  g_channel = static_cast<Channel*>(memory);
  dl_iterate_phdr(note_base, &g_channel->load_base);
  return true;
}

// One plan, by this process itself: nobody limits it, since a person looks at it.
bool run_once(const char* text) {
  const std::size_t length = sizeof kOncePrefix - 1;
  if (text == nullptr || strncmp(text, kOncePrefix, length) != 0) return false;
  const int file = open(text + length, O_RDWR | O_CLOEXEC);
  if (file < 0 || !map_channel(file)) _exit(kRuntimeFault);
  close(file);
  g_is_watched_by_person = true;
  clear_outcome();
  prepare_names();
  atexit(remove_names_of_run);
  begin_run();
  return true;
}

void start(char** argv) {
  const char* text = getenv(kChannelVariable);
  if (text == nullptr) return;
  fix_addresses(argv);
  if (run_once(text)) return;
  Fds fds;
  if (!read_fds(text, fds)) return;
  unsetenv(kChannelVariable);
  if (!map_channel(fds.channel)) _exit(kRuntimeFault);
  serve(fds);
}

}  // namespace
}  // namespace kit::explore

// Glibc's startup code calls this with the program's main().
extern "C" int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv,
                                 void (*init)(), void (*fini)(), void (*rtld_fini)(),
                                 void* stack_end) {
  using Start =
      int(int (*)(int, char**, char**), int, char**, void (*)(), void (*)(), void (*)(), void*);
  auto* next = reinterpret_cast<Start*>(dlsym(RTLD_NEXT, "__libc_start_main"));
  kit::explore::start(argv);
  return next(main, argc, argv, init, fini, rtld_fini, stack_end);
}

// Whether this process is being explored: a probe's threads need not wait for each other then.
// Called by an explored thread, or by one that is not: then nothing happens.
extern "C" void kit_name_thread(const char* name) {
  if (kit::explore::t_self == nullptr) return;
  char(&to)[kit::explore::kNameBytes] = kit::explore::t_self->name;
  std::size_t i = 0;
  for (; name[i] != '\0' && i + 1 < sizeof to; ++i) to[i] = name[i];
  to[i] = '\0';
}

extern "C" bool kit_is_explored() { return kit::explore::t_self != nullptr; }
