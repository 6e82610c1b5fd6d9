// The memory in which a probe records what happened: the driver owns it, the probe's threads write
// it.
//
// Each thread has a region of its own and writes entries one behind the other; no thread reads what
// another wrote, nothing is locked and no atomic is touched, so that recording orders nothing that
// the code under test did not order itself. (A recorder's mutex once hid a race from TSan in 40
// runs of 40.) The driver reads when the probe has ended, or has been stopped.
//
// The driver does not trust what it reads: code under test lives in the process that wrote it.
#ifndef GRADER_HARNESS_PROBE_LOG_H_
#define GRADER_HARNESS_PROBE_LOG_H_

#include <cstddef>
#include <cstdint>

namespace kit {

inline constexpr std::size_t kLogBytes = std::size_t{64}
                                         << 20;  // sparse: only what is written counts
inline constexpr std::size_t kMaxResultBytes = std::size_t{1} << 20;

struct LogHeader {
  std::uint32_t rounds_done = 0;
  std::uint32_t reserved[15] = {};
};

enum class EntryState : std::uint32_t { kNone = 0, kBegun = 1, kDone = 2 };

struct LogEntry {
  EntryState state;
  std::uint32_t round;
  std::uint32_t index;         // of the call within its thread
  std::uint32_t result_bytes;  // follow the entry, padded to 8
  std::int64_t begin_ns;
  std::int64_t end_ns;
};

// Where the region of one of `threads` threads begins, and how long it is, in bytes.
inline std::size_t region_bytes(std::size_t threads) {
  return (kLogBytes - sizeof(LogHeader)) / threads / 8 * 8;
}
inline std::size_t region_offset(std::size_t threads, std::size_t thread) {
  return sizeof(LogHeader) + thread * region_bytes(threads);
}
inline std::size_t padded(std::size_t bytes) { return (bytes + 7) / 8 * 8; }

}  // namespace kit

#endif  // GRADER_HARNESS_PROBE_LOG_H_
