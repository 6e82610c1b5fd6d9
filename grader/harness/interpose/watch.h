// Events: what a history cannot show, told while it happens.
//
// Each is one line, written to the pipe KIT_WATCH_FD with one write(2) (below PIPE_BUF, so lines of
// several threads and processes do not mix). Words are separated by single spaces:
//
//   alloc-under-lock <bytes> <site> <lock site> <pid> <tid> <ns>
//   free-under-lock 0 <site> <lock site> <pid> <tid> <ns>
//   send-under-lock <descriptor> <site> <lock site> <pid> <tid> <ns>
//   shm_open <name> <site> <pid> <tid> <ns>          also mq_open and sem_open, with O_CREAT
//   ssl-shared <call> <site> <pid> <tid> <ns>        one of two calls on one SSL object (ssl.cc)
//   delay <microseconds, 0 for a yield, -1 for none> <number> <lineage> <pid> <tid> <ns>
//
// <site> is where the subject's own code made the call: "<file>+0x<a>,0x<b>,...", offsets within
// that file from the innermost frame outwards, each one byte before the return address, so that
// `addr2line -e <file> 0x<a> 0x<b>` names the lines of the calls. The innermost may lie in a header
// of the C++ library that was compiled into the subject. <lock site> has one offset. "-" is an
// unknown one. <ns> is CLOCK_MONOTONIC, the clock of histories.
//
// A lock counts when it is a pthread mutex or rwlock (std::mutex and its relatives are) that the
// subject's own code took: the main program, and libraries that lie outside /usr and /lib. Of each
// kind of event the first 32 of a process are told, or a few more when threads are at it together:
// exactness would take an atomic counter that orders the threads.
//
// An event that finds the pipe full, closed, or replaced by another file under the same number
// (daemons close all descriptors) is dropped. errno stays as it was.
#ifndef GRADER_HARNESS_INTERPOSE_WATCH_H_
#define GRADER_HARNESS_INTERPOSE_WATCH_H_

#include <cstdint>

#include "grader/harness/interpose/state.h"

namespace kit {

enum class UnderLock { kAlloc, kFree, kSend };

void start_watch(const char* fd_text);
bool watching();

// Of pthread mutexes and rwlocks; `caller` is the return address.
void lock_taken(const void* lock, const void* caller);
void lock_released(const void* lock);

void report_under_lock(UnderLock kind, std::uint64_t value);
// To be asked first, since it is the cheap half.
inline bool must_report_under_lock() {
  return thread_state.held_count > 0 && thread_state.inside == 0;
}

void report_object(const char* call, const char* name);

// A call of the subject's, and where it was made: what <site> is written from.
struct Call {
  static constexpr int kMaxFrames = 12;

  const char* name = nullptr;
  const void* frames[kMaxFrames] = {};  // return addresses, innermost first
  int count = 0;
};
Call this_call(const char* name);
// Two events, one for each of the calls, so that both are told whoever came second.
void report_shared_ssl(const Call& here, const Call& there);

void report_delay(int time_us);

}  // namespace kit

#endif  // GRADER_HARNESS_INTERPOSE_WATCH_H_
