#include "read_through.h"

#include "url.h"
//~ begin step 6: Headers that you need for this step.
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "board.h"
#include "cache_request.h"
#include "handle_with_cache.h"
#include "labs/support/deadline.h"
#include "segment_pool.h"
#include "shm_channel.h"
//~ end

namespace proxy_cache {

//~ begin step 6: Functions of your own can stand here.
namespace {

// How often to ask the cache for what it is said to have. It may have dropped it again.
constexpr int kAttempts = 3;

ssize_t send_download(gfcontext_t* ctx, const Content& content) {
  if (gfs_sendheader(ctx, GF_OK, content.size()) < 0) return -1;
  std::array<char, 64 * 1024> buffer;
  for (std::uint64_t sent = 0; sent < content.size();) {
    std::size_t count = content.read_at(sent, buffer);
    // A part of it only: what was not sent is read again.
    ssize_t some = count == 0 ? -1 : gfs_send(ctx, buffer.data(), count);
    if (some < 0) return -1;
    sent += static_cast<std::uint64_t>(some);
  }
  return static_cast<ssize_t>(content.size());
}

void write_all(const Content& content, ChunkWriter& writer) {
  writer.begin({Answer::kFound, content.size()});
  std::uint64_t offset = 0;
  for (std::span<char> room; !(room = writer.room()).empty();) {
    std::size_t count = content.read_at(offset, room);
    if (count == 0) return;
    writer.publish(count);
    offset += count;
  }
}

}  // namespace
//~ end

ssize_t ReadThrough::serve(gfcontext_t* ctx, const char* path) {
  //~ begin step 6: Ask the cache. What it does not have is fetched, by one of those who want it.
  //~| (void)path;
  //~| return gfs_sendheader(ctx, GF_FILE_NOT_FOUND, 0);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::optional<ssize_t> result = serve_from_cache(ctx, path, side_);
    // Without a cache that answers, and as long as the client has not been told anything, there is
    // still the origin.
    if (result && (*result >= 0 || ctx->header_sent())) return *result;
    std::optional<std::string> url = make_url(server_, path);
    if (!url) return gfs_sendheader(ctx, GF_INVALID, 0);
    std::shared_ptr<const Download> fetched = flights_.run(path, [&] { return fetch(path, *url); });
    if (!fetched || fetched->status == Download::Status::kFailed) return -1;
    if (fetched->status == Download::Status::kNotFound) {
      return gfs_sendheader(ctx, GF_FILE_NOT_FOUND, 0);
    }
    if (fetched->status == Download::Status::kFound) return send_download(ctx, *fetched->content);
  }
  return -1;
  //~ end
}

//~ begin step 6: The parts of it.
std::shared_ptr<const Download> ReadThrough::fetch(const std::string& path,
                                                   const std::string& url) {
  // Since we asked the cache, another one's flight may have landed.
  if (is_in_cache(path)) {
    auto elsewhere = std::make_shared<Download>();
    elsewhere->status = Download::Status::kInCache;
    return elsewhere;
  }
  auto result = std::make_shared<const Download>(download(url, is_ending_));
  if (result->status == Download::Status::kFound) offer(path, *result->content);
  return result;
}

bool ReadThrough::is_in_cache(const std::string& key) {
  if (key.size() > CommandQueue::kMaxKeyBytes) return false;
  // The header is all that is wanted. The request's end tells the cache to stop.
  std::optional<Header> header = CacheRequest(side_, key).header();
  return header && header->answer == Answer::kFound;
}

// Whether the cache has taken it does not matter: the file is served from here this time.
void ReadThrough::offer(const std::string& key, const Content& content) {
  if (key.size() > CommandQueue::kMaxKeyBytes) return;
  std::optional<SegmentPool::Lease> lease = side_.pool().take(support::Deadline::never());
  std::optional<std::uint32_t> epoch = side_.find_cache();
  if (!lease || !epoch) return;
  CachePeer cache = side_.cache(*epoch);
  const Segment& segment = lease->segment();
  ShmChannel::init(segment.memory);
  Command command{Command::Kind::kPut, *epoch, segment.number, key};
  if (!side_.commands().send(command, cache)) return;
  ChunkWriter writer(segment.memory, cache);
  write_all(content, writer);
  writer.finish();
  static_cast<void>(writer.wait_until_read());  // then it is kept, and the segment is ours again
}
//~ end

ssize_t handle_with_read_through(gfcontext_t* ctx, const char* path, void* arg) {
  return static_cast<ReadThrough*>(arg)->serve(ctx, path);
}

}  // namespace proxy_cache
