#include "shm_channel.h"

#include <semaphore.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <new>
#include <stdexcept>

#include "labs/support/deadline.h"
#include "labs/support/error.h"

namespace proxy_cache {

// TODO(step 2): What lies at the beginning of a segment, and functions of your own. A semaphore in
// shared memory must be told that it is shared (sem_init(3)).
struct ChannelControl {};

void ShmChannel::init(std::span<char> memory) {
  // TODO(step 2): No slot is filled, all are free.
  (void)memory;
}

// TODO(step 2): Keep what you were given.
ChunkWriter::ChunkWriter(std::span<char> memory, const Peer& reader) {
  (void)memory;
  (void)reader;
}

void ChunkWriter::begin(const Header& header) {
  // TODO(step 2): Write it down. The reader sees it after the first post.
  (void)header;
}

std::span<char> ChunkWriter::room() {
  // TODO(step 2): Wait for a free slot. A reader that wants no more has released one to say so.
  return {};
}

void ChunkWriter::publish(std::size_t bytes) {
  // TODO(step 2): Say how many bytes there are, and post.
  (void)bytes;
}

void ChunkWriter::finish() {
  // TODO(step 2): Post the end mark, unless the reader knows already that it has everything. If
  // nothing was said at all, say kFailed.
}

bool ChunkWriter::wait_until_read() {
  // TODO(step 2): Everything has been read when all slots are free.
  return false;
}

// TODO(step 2): Functions of your own can stand here.

// TODO(step 2): Keep what you were given.
ChunkReader::ChunkReader(std::span<char> memory, const Peer& writer) {
  (void)memory;
  (void)writer;
}

std::optional<Header> ChunkReader::header() {
  // TODO(step 2): It is valid from the first post on. That was for a slot, too: keep it for
  // next().
  return std::nullopt;
}

std::span<const char> ChunkReader::next() {
  // TODO(step 2): Wait for a filled slot. There is none after `length` bytes, and none after the
  // end mark.
  return {};
}

void ChunkReader::release() {
  // TODO(step 2): Only a slot that next() has returned, and only once.
}

bool ChunkReader::is_whole() const {
  // TODO(step 2): Whether everything has come.
  return false;
}

void ChunkReader::finish() {
  // TODO(step 2): Say that you want no more, and then read on until the writer has seen it.
}

// TODO(step 2): Functions of your own can stand here.

}  // namespace proxy_cache
