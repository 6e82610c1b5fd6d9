// OpenSSL's calls on a connection, for programs that use it: a word when two threads are in calls
// on the same SSL object at the same time, which OpenSSL does not allow (openssl-threads(7)): not
// even for reading in one and writing in the other.
//
// libssl is not compiled for ThreadSanitizer, so that mode does not see what happens within it.
// Here each thread says which object it is in, in a place of its own, and looks at those of the
// others. It stays a moment longer than it has to, so that a rare meeting is less rare.
//
// Nothing of OpenSSL is needed to build this: its objects are pointers here.
#include <errno.h>
#include <sys/syscall.h>
#include <time.h>

#include <cstddef>

#include "grader/harness/interpose/perturb.h"
#include "grader/harness/interpose/real.h"
#include "grader/harness/interpose/syscall.h"
#include "grader/harness/interpose/watch.h"

namespace kit {
namespace {

constexpr int kMaxThreads = 64;
constexpr long kStayNs = 100'000;

struct Use {
  const void* ssl = nullptr;
  Call call;  // written before `ssl` is
};

// Which SSL object each thread is in. These do order the threads (each must see the other's mark,
// or be seen), but only in a program that is watched.
constinit Use uses[kMaxThreads] = {};
constinit int threads = 0;

int own_place() {
  static thread_local constinit int place __attribute__((tls_model("initial-exec"))) = -1;
  if (place < 0) place = __atomic_fetch_add(&threads, 1, __ATOMIC_RELAXED);
  return place;
}

// While it lives, this thread is within a call on `ssl`.
class SslUse {
 public:
  SslUse(const char* call, const void* ssl) {
    if (!watching()) return;
    place_ = own_place();
    if (place_ >= kMaxThreads) return;
    Use& own = uses[place_];
    own.call = this_call(call);
    __atomic_store_n(&own.ssl, ssl, __ATOMIC_SEQ_CST);
    for (const Use& other : uses) {
      if (&other == &own || __atomic_load_n(&other.ssl, __ATOMIC_SEQ_CST) != ssl) continue;
      report_shared_ssl(own.call, other.call);
    }
    stay();
  }
  ~SslUse() {
    if (place_ >= 0 && place_ < kMaxThreads) {
      __atomic_store_n(&uses[place_].ssl, nullptr, __ATOMIC_SEQ_CST);
    }
  }
  SslUse(const SslUse&) = delete;
  SslUse& operator=(const SslUse&) = delete;

 private:
  static void stay() {
    const int kept = errno;
    timespec time = {0, kStayNs};
    system_call(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, reinterpret_cast<long>(&time), 0);
    errno = kept;
  }

  int place_ = -1;
};

}  // namespace
}  // namespace kit

KIT_INTERPOSE(int, SSL_read, (void* ssl, void* bytes, int count)) {
  const kit::SslUse use("SSL_read", ssl);
  const kit::Delayed delayed;
  return KIT_REAL(SSL_read)(ssl, bytes, count);
}

KIT_INTERPOSE(int, SSL_read_ex, (void* ssl, void* bytes, size_t count, size_t* done)) {
  const kit::SslUse use("SSL_read_ex", ssl);
  const kit::Delayed delayed;
  return KIT_REAL(SSL_read_ex)(ssl, bytes, count, done);
}

KIT_INTERPOSE(int, SSL_peek, (void* ssl, void* bytes, int count)) {
  const kit::SslUse use("SSL_peek", ssl);
  return KIT_REAL(SSL_peek)(ssl, bytes, count);
}

KIT_INTERPOSE(int, SSL_write, (void* ssl, const void* bytes, int count)) {
  const kit::SslUse use("SSL_write", ssl);
  const kit::Delayed delayed;
  return KIT_REAL(SSL_write)(ssl, bytes, count);
}

KIT_INTERPOSE(int, SSL_write_ex, (void* ssl, const void* bytes, size_t count, size_t* done)) {
  const kit::SslUse use("SSL_write_ex", ssl);
  const kit::Delayed delayed;
  return KIT_REAL(SSL_write_ex)(ssl, bytes, count, done);
}

KIT_INTERPOSE(int, SSL_shutdown, (void* ssl)) {
  const kit::SslUse use("SSL_shutdown", ssl);
  return KIT_REAL(SSL_shutdown)(ssl);
}
