#include "grader/harness/interpose/crash.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grader/harness/interpose/state.h"
#include "grader/harness/interpose/text.h"

// What each sanitizer's runtime defines; null where it is not in the process. Asking dlsym instead
// would leave an error behind that the subject's own dlerror() then tells it.
#define KIT_RUNTIME(name) extern "C" __attribute__((weak, visibility("default"))) void name()
KIT_RUNTIME(__asan_init);
KIT_RUNTIME(__tsan_init);
KIT_RUNTIME(__lsan_init);
KIT_RUNTIME(__msan_init);
KIT_RUNTIME(__ubsan_handle_type_mismatch_v1);

namespace kit {
namespace {

constexpr int kFatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
constexpr std::size_t kStackBytes = 64 * 1024;  // a frame with AVX-512 state is several KiB

constinit bool installed = false;
constinit pthread_key_t stack_key = 0;
constinit dev_t error_device = 0;
constinit ino_t error_inode = 0;

bool has_its_own_reporter() {
  if (__asan_init != nullptr || __tsan_init != nullptr || __lsan_init != nullptr) return true;
  if (__msan_init != nullptr || __ubsan_handle_type_mismatch_v1 != nullptr) return true;
  const char* preloaded = getenv("LD_PRELOAD");
  return preloaded != nullptr && strstr(preloaded, "vgpreload") != nullptr;
}

// A daemon that has let go of the standard error it was given: nobody would see it stop.
bool is_heard() {
  struct stat status = {};
  if (fstat(STDERR_FILENO, &status) != 0) return false;
  return status.st_dev == error_device && status.st_ino == error_inode;
}

void on_fatal(int signal) {
  const int kept = errno;
  if (!is_heard()) {
    static_cast<void>(::signal(signal, SIG_DFL));
    static_cast<void>(raise(signal));
    errno = kept;
    return;
  }
  Text text;
  text.add("kit: fatal signal ").add_number(static_cast<std::uint64_t>(signal));
  text.add(" in process ").add_number(static_cast<std::uint64_t>(getpid())).end_line();
  static_cast<void>(!::write(STDERR_FILENO, text.data(), text.size()));
  static_cast<void>(raise(SIGSTOP));
  // Somebody let it go on: it dies as it would have. The signal is blocked until we return.
  static_cast<void>(::signal(signal, SIG_DFL));
  static_cast<void>(raise(signal));
  errno = kept;
}

void install(int signal) {
  struct sigaction current = {};
  if (sigaction(signal, nullptr, &current) != 0 || current.sa_handler != SIG_DFL) return;
  struct sigaction action = {};
  action.sa_handler = on_fatal;
  action.sa_flags = SA_ONSTACK;
  static_cast<void>(sigemptyset(&action.sa_mask));
  static_cast<void>(sigaction(signal, &action, nullptr));
}

void take_signal_stack(void* stack) {
  stack_t off = {};
  off.ss_flags = SS_DISABLE;
  static_cast<void>(sigaltstack(&off, nullptr));
  static_cast<void>(munmap(stack, kStackBytes));
}

}  // namespace

void start_crash_stop() {
  if (!options.crash_stop || has_its_own_reporter()) return;
  if (pthread_key_create(&stack_key, take_signal_stack) != 0) return;
  struct stat status = {};
  if (fstat(STDERR_FILENO, &status) != 0) return;
  error_device = status.st_dev;
  error_inode = status.st_ino;
  installed = true;
  give_signal_stack();
  for (int signal : kFatal) install(signal);
}

void give_signal_stack() {
  if (!installed) return;
  // Untouched pages cost address space only.
  void* memory = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return;
  stack_t stack = {};
  stack.ss_sp = memory;
  stack.ss_size = kStackBytes;
  if (sigaltstack(&stack, nullptr) != 0 || pthread_setspecific(stack_key, memory) != 0) {
    take_signal_stack(memory);
  }
}

}  // namespace kit
