#include "mailbox_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "labs/support/error.h"

namespace dipc {

// TODO(step 1): The layout, and functions of your own.

std::string MailboxStore::name_of(std::uint16_t port) { return "/dipc-" + std::to_string(port); }

MailboxStore MailboxStore::create(std::uint16_t port, const StoreShape& shape) {
  // TODO(step 1): Take over the name, reserve the memory, map it, and say that it is complete when
  // it is. Whatever goes wrong, or if we are killed anywhere in here: nothing may be left that
  // the next create() or remove_stale() does not clear.
  (void)port;
  (void)shape;
  throw std::logic_error("not implemented yet (step 1)");
}

MailboxStore MailboxStore::open(std::uint16_t port) {
  // TODO(step 1): Do not trust what is there: it may be empty, half made, or not ours at all.
  (void)port;
  throw std::logic_error("not implemented yet (step 1)");
}

std::optional<ProcessIdentity> MailboxStore::owner_of(std::uint16_t port) {
  // TODO(step 1): Read the header without mapping it.
  (void)port;
  return std::nullopt;
}

MailboxStore::Removal MailboxStore::remove_stale(std::uint16_t port) {
  // TODO(step 1): Remove the object when its owner is dead, and only then.
  (void)port;
  return Removal::kNone;
}

// TODO(step 1): Moving: the store that was moved from owns nothing.
MailboxStore::MailboxStore(MailboxStore&& other) noexcept
    : shape_(other.shape_), owner_(other.owner_) {}

MailboxStore::~MailboxStore() {
  // TODO(step 1): Unmap, and remove the object if this store created it.
}

std::size_t MailboxStore::length(std::uint64_t index) const {
  // TODO(step 1): How much data the mailbox holds.
  (void)index;
  return 0;
}

std::size_t MailboxStore::read(std::uint64_t index, std::span<char> out) const {
  // TODO(step 1): Copy, and never beyond the end of `out`.
  (void)index;
  (void)out;
  return 0;
}

void MailboxStore::write(std::uint64_t index, std::string_view data) {
  // TODO(step 1): Check, then copy. Think of a process that is killed between any two lines.
  (void)index;
  (void)data;
}

void* MailboxStore::lock_memory(std::uint64_t index) const {
  // TODO(step 1): Where the layout has the mailbox's lock.
  (void)index;
  return nullptr;
}

void* MailboxStore::common_memory() const {
  // TODO(step 1): Where the layout has what there is only once.
  return nullptr;
}

// TODO(step 1): Where a mailbox is, and what is in it.

}  // namespace dipc
