// Which file an address of code lies in, and whether that file is the subject's own code.
//
// Read once, when the library is loaded; what a program loads later (dlopen) is not known.
// Source: dl_iterate_phdr(3).
#ifndef GRADER_HARNESS_INTERPOSE_MODULES_H_
#define GRADER_HARNESS_INTERPOSE_MODULES_H_

#include <cstdint>

namespace kit {

struct Module {
  std::uintptr_t base = 0;  // what addresses in the file are relative to
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  char path[256] = {};
};

void read_modules();

// The subject's file that holds the address, or null when it is the system's or unknown.
const Module* subject_module(const void* address);

}  // namespace kit

#endif  // GRADER_HARNESS_INTERPOSE_MODULES_H_
