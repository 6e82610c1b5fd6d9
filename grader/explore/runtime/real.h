// The functions behind those that the runtime stands in for.
//
// The runtime must never call a function that it interposes: KIT_REAL(f) is the C library's own.
// Errors: as the functions themselves.
#ifndef GRADER_EXPLORE_RUNTIME_REAL_H_
#define GRADER_EXPLORE_RUNTIME_REAL_H_

#include <dlfcn.h>

#define KIT_REAL(name)                                                         \
  ([]() -> decltype(&::name) {                                                 \
    static decltype(&::name) function = nullptr;                               \
    if (function == nullptr)                                                   \
      function = reinterpret_cast<decltype(&::name)>(dlsym(RTLD_NEXT, #name)); \
    return function;                                                           \
  }())

// Condition variables exist in two versions; the one that programs are linked with is the newer.
#define KIT_REAL_COND(name)                                                                    \
  ([]() -> decltype(&::name) {                                                                 \
    static decltype(&::name) function = nullptr;                                               \
    if (function == nullptr)                                                                   \
      function = reinterpret_cast<decltype(&::name)>(dlvsym(RTLD_NEXT, #name, "GLIBC_2.3.2")); \
    if (function == nullptr)                                                                   \
      function = reinterpret_cast<decltype(&::name)>(dlsym(RTLD_NEXT, #name));                 \
    return function;                                                                           \
  }())

#endif  // GRADER_EXPLORE_RUNTIME_REAL_H_
