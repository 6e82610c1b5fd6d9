#include "grader/explore/runtime/names.h"

#include <limits.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "grader/explore/runtime/finish.h"
#include "grader/explore/runtime/real.h"

namespace kit::explore {
namespace {

constexpr int kMaxNames = 64;
constexpr int kMaxName = 100;

struct Name {
  Kind kind;
  char text[kMaxName];
};

// In memory that the fork server shares with all processes of the run.
struct Names {
  int server;
  int count;
  Name names[kMaxNames];
};
Names* names = nullptr;

bool is_known(Kind kind, const char* name) {
  for (int i = 0; i < names->count; ++i) {
    if (names->names[i].kind == kind && strcmp(names->names[i].text, name) == 0) return true;
  }
  return false;
}

void write_name(char (&to)[NAME_MAX], const char* name) {
  snprintf(to, sizeof to, "/kit-%d.%s", names->server, name[0] == '/' ? name + 1 : name);
}

void remove_name(const Name& name) {
  char text[NAME_MAX];
  write_name(text, name.text);
  if (name.kind == Kind::kMemory) KIT_REAL(shm_unlink)(text);
  if (name.kind == Kind::kSemaphore) KIT_REAL(sem_unlink)(text);
  if (name.kind == Kind::kQueue) KIT_REAL(mq_unlink)(text);
}

}  // namespace

const char* name_in_run(Kind kind, const char* name, bool may_make) {
  static char text[NAME_MAX];
  if (!is_known(kind, name)) {
    if (!may_make) return name;
    if (names->count == kMaxNames || strlen(name) >= kMaxName)
      finish_unsupported("more named objects, or longer names, than the explorer keeps");
    Name& added = names->names[names->count++];
    added.kind = kind;
    strcpy(added.text, name);
  }
  write_name(text, name);
  return text;
}

void prepare_names() {
  if (names == nullptr) {
    void* memory =
        mmap(nullptr, sizeof(Names), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) _exit(kRuntimeFault);
    names = static_cast<Names*>(memory);
    names->server = getpid();
  }
  names->count = 0;
}

void remove_names_of_run() {
  for (int i = 0; i < names->count; ++i) remove_name(names->names[i]);
  names->count = 0;
}

}  // namespace kit::explore
