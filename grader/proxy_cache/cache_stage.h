// What the checks of webproxy and simplecached have in common: the files that are in the cache, how
// the two are started and ended, and what they may not leave behind.
//
//     CachedFiles files;
//     files.add("/a", Content(1000));
//     const Pair pair = start_pair(files);
//     require_file(pair.proxy, "/a", Content(1000));
//
// Each check has an instance of its own, so checks that run at the same time do not meet.
//
// Thread-safety: for the check's thread. Errors: the verdicts of check.h.
#ifndef GRADER_PROXY_CACHE_CACHE_STAGE_H_
#define GRADER_PROXY_CACHE_CACHE_STAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/content.h"
#include "grader/harness/stage.h"
#include "grader/proxy/getfile_client.h"

namespace kit::proxy_cache_lab {

using proxy_lab::GetfileClient;
using proxy_lab::require_file;
using proxy_lab::require_status;
using proxy_lab::Wire;

// The name of this check's instance, or of another one.
std::string instance(const std::string& suffix = "");

// The files that simplecached knows, and its index.
class CachedFiles {
 public:
  explicit CachedFiles(std::string index = "index.txt") : index_(std::move(index)) {}

  // Writes the file and adds it to the index, under a name that follows from the key if it is left
  // out.
  void add(const std::string& key, const Content& content, const std::string& name = "");
  // The file "/<size>", for each size.
  void add_sizes(const std::vector<std::uint64_t>& sizes);

  // As simplecached knows it.
  const std::string& index() const { return index_; }

 private:
  const std::string index_;
  std::string lines_;
};

// What is in the file "/<size>".
Content content_of(std::uint64_t size);

// Boundaries of a segment, and of what all of them hold together.
std::vector<std::uint64_t> sizes_around(std::uint64_t segment_bytes, std::uint64_t segments);

// simplecached, until it has printed `ready`.
Server start_cache(const CachedFiles& files, std::vector<std::string> args = {},
                   StartOptions options = {}, const std::string& instance = instance());
// webproxy on a free port. `args` are put behind the others.
Server start_proxy(std::vector<std::string> args = {}, StartOptions options = {},
                   const std::string& instance = instance());

struct Pair {
  Server cache;
  Server proxy;
};
// The proxy first: the cache is ready only when it has found it.
Pair start_pair(const CachedFiles& files, std::vector<std::string> proxy_args = {},
                std::vector<std::string> cache_args = {}, StartOptions options = {});

// Ends both by SIGTERM, and requires that nothing is left.
void require_end_of(const Pair& pair);

// Until all threads of both sleep at one moment.
void wait_until_asleep(const Pair& pair);

// Kills it, as a crash would.
void kill_it(const Server& program);

// Requires that no object of the instance is there any more.
void require_nothing_left(const std::string& instance = instance());

// Until a client gets the file: the answers before that may be ERROR. Anything else is wrong.
void require_file_soon(const Server& proxy, const std::string& path, const Content& content);

// Asks, and returns all that comes until the connection ends, on whatever way. std::nullopt when
// nobody listens. May be called from any thread.
std::optional<std::string> ask_and_take_all(const Server& proxy, const std::string& path);

}  // namespace kit::proxy_cache_lab

#endif  // GRADER_PROXY_CACHE_CACHE_STAGE_H_
