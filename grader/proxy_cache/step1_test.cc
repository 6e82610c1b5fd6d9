// Step 1: shared memory, and the segments in it.
#include <string>
#include <utility>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/probe_run.h"

namespace kit::proxy_cache_lab {
namespace {

constexpr char kProbe[] = "memory_probe";

void explain_calls() {
  add_evidence(
      "The calls above are those of our probe, on objects of its own:\n"
      "  memory(n)         creates n bytes, and opens them in a second process; each writes\n"
      "  empty             opens an object that has no bytes\n"
      "  owner, moved      looks whether the name is there while one has it open, and afterwards\n"
      "  twice, missing    creates what is there, and opens what is not\n"
      "  reserved(n)       creates n bytes and asks fstat(2) how much memory they have\n"
      "  too_much          creates more than any machine has\n"
      "  apart(n, bytes)   n segments: fills each, and looks at all through a second mapping\n"
      "  at(n, i)          the segment i of n; segments(n, bytes): Segments::create()\n"
      "  open_as(n, bytes, n2, bytes2)   Segments::open() with another shape than create()\n");
}

KIT_CHECK(Memory, IsSharedByProcesses, .why = "All content goes this way, from process to process.",
          .hint =
              "shm_open(3) and mmap(2) with MAP_SHARED. open() asks fstat(2) how large the object "
              "is.",
          .function = "proxy_cache::SharedMemory::create") {
  explain_calls();
  require_results(kProbe, {},
                  {{{"memory", {"1"}}, "shared"},
                   {{"memory", {"4096"}}, "shared"},
                   {{"memory", {"100001"}}, "shared"},
                   {{"empty", {}}, "0 bytes, null"}});
}

KIT_CHECK(
    Memory, IsRemovedByWhoMadeIt,
    .why =
        "The kernel keeps an object until somebody unlinks it. And if the cache unlinked it, the "
        "next cache would not find it.",
    .hint =
        "Remember whether it was created, and shm_unlink(3) it in the destructor then, and only "
        "then.",
    .function = "proxy_cache::SharedMemory::~SharedMemory") {
  explain_calls();
  const std::string expected = "made: there, opened and let go: there, let go: gone";
  require_results(kProbe, {}, {{{"owner", {}}, expected}, {{"moved", {}}, expected}});
}

KIT_CHECK(
    Memory, IsMadeOnce,
    .why =
        "An object of that name may be a living proxy's. Who takes it over, or makes it anew, "
        "takes the memory from under its feet.",
    .hint = "O_CREAT | O_EXCL, so that EEXIST says it. And no unlink then: it is not yours.",
    .function = "proxy_cache::SharedMemory::create") {
  explain_calls();
  require_results(
      kProbe, {},
      {{{"twice", {}}, "EEXIST, and the first one is as it was"}, {{"missing", {}}, "ENOENT"}});
}

KIT_CHECK(Memory, IsReallyThere,
          .why =
              "ftruncate(2) only promises memory. When a page of it cannot be had later, the first "
              "write to it is SIGBUS, in the middle of a transfer.",
          .hint =
              "posix_fallocate(3) gets all of it now, or says why not. What was made up to then is "
              "removed.",
          .function = "proxy_cache::SharedMemory::create") {
  explain_calls();
  require_results(kProbe, {},
                  {{{"reserved", {"1000000"}}, "all"}, {{"too_much", {}}, "refused, gone"}});
}

KIT_CHECK(Segments, AreApart,
          .why =
              "Each segment carries the content of another request. They may be smaller than a "
              "page, and hundreds.",
          .hint =
              "Segment n begins at n times the distance from one to the next, which is the size "
              "rounded up to a multiple of 64. Each has exactly the size that was asked for.",
          .function = "proxy_cache::Segments::at") {
  explain_calls();
  const std::vector<std::pair<const char*, const char*>> shapes = {
      {"1", "1"}, {"3", "64"}, {"8", "5712"}, {"500", "824"}, {"2", "65537"}};
  std::vector<Expected> expected;
  for (const auto& [count, bytes] : shapes)
    expected.push_back({{"apart", {count, bytes}}, "apart"});
  require_results(kProbe, {}, expected);
}

KIT_CHECK(Segments, RefuseWhatCannotBe,
          .why =
              "The number of a segment comes from the other process. If it is wrong, the memory "
              "behind the segments must not be touched.",
          .hint = "at(): numbers from count() on are std::out_of_range.",
          .function = "proxy_cache::Segments::at") {
  explain_calls();
  require_results(kProbe, {},
                  {{{"at", {"3", "2"}}, "done"},
                   {{"at", {"3", "3"}}, "out_of_range"},
                   {{"at", {"3", "4294967295"}}, "out_of_range"},
                   {{"segments", {"0", "100"}}, "invalid_argument"},
                   {{"segments", {"100", "0"}}, "invalid_argument"},
                   {{"segments", {"4294967296", "4294967296"}}, "invalid_argument"},
                   {{"open_as", {"4", "100", "4", "100"}}, "done"},
                   {{"open_as", {"4", "100", "8", "100"}}, "runtime_error"}});
}

}  // namespace
}  // namespace kit::proxy_cache_lab
