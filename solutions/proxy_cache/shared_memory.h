// SharedMemory: a POSIX shared-memory object, mapped.
//
// shm_open(3) gives a descriptor, ftruncate(2) or posix_fallocate(3) its size, mmap(2) the memory,
// and shm_unlink(3) takes the name away. The kernel keeps an object until it is unlinked, also when
// nobody has it open any more: who forgets that leaves memory behind that only a restart of the
// machine frees.
//
// Ownership: owns its mapping and its descriptor. One that was created also owns the name, and
// unlinks it when it is destroyed; one that was opened does not. Do not fork() while you own a
// created one: the child's copy would unlink it, too.
// Thread-safety: the object does not change after its construction. What is in the memory is the
// users' affair.
// Errors: std::system_error with the name of the call and of the object. create(): EEXIST when
// there is an object of this name, ENOSPC when there is not so much memory. open(): ENOENT.
// Source: shm_overview(7), mmap(2).
#ifndef PROXY_CACHE_SHARED_MEMORY_H_
#define PROXY_CACHE_SHARED_MEMORY_H_

#include <cstddef>
#include <span>
#include <string>

#include "labs/support/fd.h"

namespace proxy_cache {

class SharedMemory {
 public:
  // Makes an object of `bytes` bytes (1 at least), which are all zero and really there: memory that
  // is only promised would end the process with SIGBUS when it turns out that there is none left.
  static SharedMemory create(const std::string& name, std::size_t bytes);

  // Maps the object of this name, as many bytes as it has. It may have none: then data() is null.
  static SharedMemory open(const std::string& name);

  SharedMemory(SharedMemory&& other) noexcept;
  SharedMemory& operator=(SharedMemory&&) = delete;
  ~SharedMemory();

  // At a multiple of the page size. It lies elsewhere in each process, so no pointer into it means
  // anything to anybody else.
  char* data() const { return memory_.data(); }
  std::size_t size() const { return memory_.size(); }

  // Does not unlink the name after all: somebody else has it now.
  void disown() { is_owner_ = false; }

  // The object's descriptor: file locks can be put on it.
  int fd() const { return fd_.get(); }

 private:
  SharedMemory(std::string name, support::UniqueFd fd)
      : name_(std::move(name)), fd_(std::move(fd)) {}

  void map(std::size_t bytes);

  std::string name_;
  support::UniqueFd fd_;
  std::span<char> memory_;
  bool is_owner_ = false;
};

}  // namespace proxy_cache

#endif  // PROXY_CACHE_SHARED_MEMORY_H_
