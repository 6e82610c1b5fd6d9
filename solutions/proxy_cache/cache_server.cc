#include "cache_server.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>

#include <array>
#include <cerrno>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "labs/support/deadline.h"
#include "labs/support/error.h"

namespace proxy_cache {

//~ begin step 3: Functions of your own can stand here.
namespace {

using support::Deadline;

// How long transfers may go on once the cache is told to end.
constexpr std::int64_t kGraceMs = 500;

constexpr std::int64_t kUsPerSecond = 1'000'000;

support::UniqueFd open_event() {
  support::UniqueFd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd) support::throw_errno("eventfd");
  return fd;
}

// Waits until one of them is readable.
void wait_for_any(std::span<pollfd> entries) {
  while (::poll(entries.data(), entries.size(), -1) < 0) {
    if (errno != EINTR) support::throw_errno("poll");
  }
}

}  // namespace
//~ end

//~ begin step 3: Keep what you were given. No more than one command for each segment is under way,
//~   so a queue of that length never keeps the boss waiting.
//~| CacheServer::CacheServer(CacheSide& side, Shelf& shelf, const CacheServerOptions& options) {
//~|   (void)side;
//~|   (void)shelf;
//~|   (void)options;
//~| }
CacheServer::CacheServer(CacheSide& side, Shelf& shelf, const CacheServerOptions& options)
    : side_(side),
      shelf_(shelf),
      options_(options),
      proxy_(side.board(), is_ending_),
      end_fd_(open_event()),
      slot_bytes_(ShmChannel::slot_bytes(side.segments().at(0).memory.size())),
      in_use_(side.segments().count()),
      workers_(options.threads, side.segments().count(),
               [this](Command& command) { carry_out(command); }) {}
//~ end

void CacheServer::serve(int stop_fd) {
  //~ begin step 3: Wait for commands, the end of the proxy and the signal to end, all at once, and
  //~   hand the commands to the workers. In the end, stop them.
  //~| static_cast<void>(support::wait_for(stop_fd, POLLIN, support::Deadline::never()));
  std::array<pollfd, 3> entries{
      {{stop_fd, POLLIN, 0}, {side_.proxy_fd(), POLLIN, 0}, {side_.commands().fd(), POLLIN, 0}}};
  bool is_stopped = false, proxy_has_gone = false;
  while (!is_stopped && !proxy_has_gone) {
    wait_for_any(entries);
    is_stopped = entries[0].revents != 0;
    proxy_has_gone = entries[1].revents != 0;
    if (entries[2].revents != 0) take_commands();
  }
  static_cast<void>(::eventfd_write(end_fd_.get(), 1));  // cannot fail: it was 0
  workers_.stop(Deadline::after_ms(proxy_has_gone ? 0 : kGraceMs),
                [this](Command&) { is_ending_ = true; });
  //~ end
}

//~ begin step 3: The parts of it.
void CacheServer::take_commands() {
  while (std::optional<Command> command = side_.commands().receive()) {
    if (!answer_at_once(*command)) workers_.submit(std::move(*command));
  }
}

// What the boss does by itself: an answer that fits into one slot. Nobody has to read any of it
// before it is complete, and to wake a worker takes longer than to write it.
bool CacheServer::answer_at_once(const Command& command) noexcept {
  if (command.kind != Command::Kind::kGet || options_.delay_us != 0) return false;
  std::shared_ptr<const Content> content;
  try {
    content = shelf_.find(command.key);
  } catch (const std::exception&) {
    return false;  // the worker will say so
  }
  if (content && content->size() > slot_bytes_) return false;
  in_segment(command, [&](std::span<char> memory) {
    ChunkWriter writer(memory, proxy_);
    get(content.get(), writer);
  });
  return true;
}

// What a worker does.
void CacheServer::carry_out(const Command& command) noexcept {
  in_segment(command, [&](std::span<char> memory) {
    if (command.kind == Command::Kind::kPut) {
      ChunkReader reader(memory, proxy_);
      put(command.key, reader);
    } else {
      ChunkWriter writer(memory, proxy_);
      wait_delay();
      get(shelf_.find(command.key).get(), writer);
    }
  });
}

// Does the work in the command's segment. When something goes wrong, the writer's destructor tells
// the proxy.
template <typename Work>
void CacheServer::in_segment(const Command& command, Work work) noexcept {
  // Meant for a cache that is dead. The segment may be somebody else's by now.
  if (command.epoch != side_.epoch()) return;
  try {
    std::span<char> memory = side_.segments().at(command.segment).memory;
    std::lock_guard lock(in_use_[command.segment]);
    work(memory);
  } catch (const std::exception&) {
    // The request has ended with its writer or reader. The cache goes on.
  }
}

void CacheServer::wait_delay() const {
  if (options_.delay_us == 0) return;
  timespec delay{options_.delay_us / kUsPerSecond, options_.delay_us % kUsPerSecond * 1000};
  pollfd entry{end_fd_.get(), POLLIN, 0};
  static_cast<void>(::ppoll(&entry, 1, &delay, nullptr));
}

// `content`: null when there is none.
void CacheServer::get(const Content* content, ChunkWriter& writer) {
  if (!content) return writer.begin({Answer::kNotFound, 0});
  writer.begin({Answer::kFound, content->size()});
  std::uint64_t offset = 0;
  for (std::span<char> room; !(room = writer.room()).empty();) {
    std::size_t count = content->read_at(offset, room);
    if (count == 0) return;  // the file has become shorter: the proxy is told that it was cut
    writer.publish(count);
    offset += count;
  }
}
//~ end

void CacheServer::put(const std::string& key, ChunkReader& reader) {
  //~ begin step 6: Take it all, if there is room for it, and keep it only if it is whole. The proxy
  //~   takes its segment back when the last chunk is released: keep it before that.
  //~| (void)key;
  //~| (void)reader;
  std::optional<Header> header = reader.header();
  if (!header || header->answer != Answer::kFound) return;
  if (!shelf_.store().has_room_for(header->length)) return;
  std::string bytes;
  bytes.reserve(header->length);
  for (std::span<const char> chunk; !(chunk = reader.next()).empty();) {
    bytes.append(chunk.data(), chunk.size());
    if (reader.is_whole()) break;
    reader.release();
  }
  if (!reader.is_whole()) return;
  shelf_.store().insert(key, std::make_shared<MemoryContent>(std::move(bytes)));
  //~ end
}

}  // namespace proxy_cache
