// Standing in front of a C library function, and reaching the one behind.
//
//   KIT_INTERPOSE(int, sem_post, (sem_t* semaphore)) {
//     return KIT_REAL(sem_post)(semaphore);
//   }
//
// defines the symbol sem_post in this library. Preloaded, it comes first in the search order, and
// dlsym(RTLD_NEXT) finds the next one: the C library's, or a sanitizer's. The C++ name is another
// (an asm label gives the symbol), so that the definitions need not repeat the attributes and
// exception specifications of the C library's headers.
//
// Real is constant-initialised and finds its function at the first call: the C library calls malloc
// before any constructor of ours has run. Two threads may look it up at once and store the same
// answer. Relaxed loads and stores are all that passes between threads here; nothing in this
// library may order the threads it watches.
//
// pthread_cond_* exist in two versions (2.2.5 and 2.3.2) with different objects behind them.
// dlsym(3) without a version gives the default one, which is what programs are linked with;
// dlvsym would go past a sanitizer, whose symbols have no version.
//
// Source: dlsym(3), ld.so(8); GCC manual, "Controlling Names Used in Assembler Code".
#ifndef GRADER_HARNESS_INTERPOSE_REAL_H_
#define GRADER_HARNESS_INTERPOSE_REAL_H_

namespace kit {

// The next definition of `name`. Ends the process if there is none.
void* find_real(const char* name);

// True while this thread is within find_real: dlsym itself may allocate.
bool finding_real();

template <class Function>
class Real {
 public:
  constexpr explicit Real(const char* name) : name_(name) {}

  Function* get() {
    void* found = __atomic_load_n(&function_, __ATOMIC_RELAXED);
    if (found == nullptr) {
      found = find_real(name_);
      __atomic_store_n(&function_, found, __ATOMIC_RELAXED);
    }
    return reinterpret_cast<Function*>(found);
  }

 private:
  const char* name_;
  void* function_ = nullptr;
};

}  // namespace kit

#define KIT_REAL(name) (::kit::real_##name.get())

#define KIT_INTERPOSE(Result, name, Params)                                                  \
  namespace kit {                                                                            \
  static constinit Real<Result Params> real_##name(#name);                                   \
  }                                                                                          \
  extern "C" __attribute__((visibility("default"))) Result kit_##name Params __asm__(#name); \
  Result kit_##name Params

#endif  // GRADER_HARNESS_INTERPOSE_REAL_H_
