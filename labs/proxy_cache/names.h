// Names of the IPC objects of one instance.
//
// A pair of webproxy and simplecached finds each other by the instance's name, so two pairs with
// different names live on one machine without knowing of each other:
//
//     /proxy_cache.NAME             shared memory: the board (board.h)
//     /proxy_cache.NAME.segments    shared memory: the segments (segments.h)
//     /proxy_cache.NAME.commands    message queue: the commands (command_queue.h)
//
// Errors: support::UsageError for a name that cannot be part of these. Source: shm_overview(7),
// mq_overview(7): one '/', at the beginning, and at most 255 bytes.
#ifndef PROXY_CACHE_NAMES_H_
#define PROXY_CACHE_NAMES_H_

#include <string>
#include <string_view>

namespace proxy_cache {

struct Names {
  std::string board;
  std::string segments;
  std::string commands;
};

// `instance`: 1 to 64 letters, digits, '-' and '_'.
Names names_of(std::string_view instance);

}  // namespace proxy_cache

#endif  // PROXY_CACHE_NAMES_H_
