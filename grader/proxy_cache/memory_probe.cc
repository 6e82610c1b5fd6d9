// Calls on SharedMemory and Segments. No setup.
//
//   memory BYTES         an object in two processes: "shared"; or what was wrong
//   owner                who takes the name away: "made: there, opened and let go: there, let go:
//                        gone"
//   moved                the same, when the one that was made has been moved twice
//   twice                create() when there is one: "EEXIST, and the first one is as it was"
//   missing              open() when there is none: "ENOENT"
//   reserved BYTES       how much of it is really there: "all", "0 of 5000 bytes"
//   too_much             more than any machine has: "refused, gone"
//   empty                open() of an object that has no bytes: "0 bytes, null"
//   apart COUNT BYTES    each segment filled, and looked at through a second mapping: "apart"
//   at COUNT N           the segment N of so many: "done", or what was thrown
//   segments COUNT BYTES                what create() says
//   open_as COUNT BYTES COUNT2 BYTES2   what open() says of an object that has another shape
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "grader/harness/probe.h"
#include "segments.h"
#include "shared_memory.h"

namespace {

using proxy_cache::Segment;
using proxy_cache::Segments;
using proxy_cache::SharedMemory;

std::string name_of(const char* what) {
  return "/kit_memory." + std::to_string(::getpid()) + "." + what;
}

bool exists(const std::string& name) {
  const int fd = ::shm_open(name.c_str(), O_RDWR, 0);
  if (fd >= 0) ::close(fd);
  return fd >= 0;
}

std::string there(const std::string& name) { return exists(name) ? "there" : "gone"; }

// What a call threw: the name of an error number, or of the exception.
std::string outcome_of(const std::function<void()>& call) {
  try {
    call();
    return "done";
  } catch (const std::system_error& error) {
    switch (error.code().value()) {
      case EEXIST:
        return "EEXIST";
      case ENOENT:
        return "ENOENT";
      case ENOSPC:
      case EFBIG:
      case ENOMEM:
        return "refused";
    }
    return error.what();
  } catch (const std::invalid_argument&) {
    return "invalid_argument";
  } catch (const std::out_of_range&) {
    return "out_of_range";
  } catch (const std::runtime_error&) {
    return "runtime_error";
  }
}

// Runs it in another process; what it returns is "" when all is well.
std::string in_child(const std::function<std::string()>& body) {
  int ends[2];
  if (::pipe(ends) != 0) throw kit::UnknownCall{"pipe"};
  const pid_t child = ::fork();
  if (child < 0) throw kit::UnknownCall{"fork"};
  if (child == 0) {
    std::string said;
    try {
      said = body();
    } catch (const std::exception& error) {
      said = error.what();
    }
    const bool is_told =
        ::write(ends[1], said.data(), said.size()) == static_cast<ssize_t>(said.size());
    ::_exit(is_told ? 0 : 1);
  }
  ::close(ends[1]);
  std::string said(500, '\0');
  const ssize_t count = ::read(ends[0], said.data(), said.size());
  ::close(ends[0]);
  said.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  int status = 0;
  if (::waitpid(child, &status, 0) < 0 || status != 0) return "the other process died";
  return said;
}

std::string memory(std::size_t bytes) {
  const std::string name = name_of(("memory" + std::to_string(bytes)).c_str());
  SharedMemory made = SharedMemory::create(name, bytes);
  if (made.size() != bytes) return "created with " + std::to_string(made.size()) + " bytes";
  if (made.data() == nullptr) return "created, and data() is null";
  for (std::size_t i = 0; i < bytes; ++i) {
    if (made.data()[i] != 0) return "created, and not all zero";
  }
  made.data()[bytes - 1] = 'a';
  const std::string said = in_child([&]() -> std::string {
    SharedMemory opened = SharedMemory::open(name);
    if (opened.size() != bytes) return "opened with " + std::to_string(opened.size()) + " bytes";
    if (opened.data() == nullptr) return "opened, and data() is null";
    if (opened.data()[bytes - 1] != 'a')
      return "the second process does not see what the first wrote";
    opened.data()[0] = 'b';
    return "";
  });
  if (!said.empty()) return said;
  return made.data()[0] == 'b' ? "shared" : "the first process does not see what the second wrote";
}

std::string owner(bool is_moved) {
  const std::string name = name_of("owner");
  std::string out;
  {
    SharedMemory first = SharedMemory::create(name, 100);
    std::optional<SharedMemory> second;
    if (is_moved) second.emplace(std::move(first));
    out = "made: " + there(name);
    if (is_moved) {
      SharedMemory away = std::move(first);  // what was moved from owns nothing
    }
    { SharedMemory opened = SharedMemory::open(name); }
    out += ", opened and let go: " + there(name);
  }
  return out + ", let go: " + there(name);
}

std::string twice() {
  const std::string name = name_of("twice");
  SharedMemory first = SharedMemory::create(name, 100);
  first.data()[7] = 'x';
  const std::string second = outcome_of([&] { SharedMemory::create(name, 200); });
  if (!exists(name)) return second + ", and the first one is gone";
  SharedMemory again = SharedMemory::open(name);
  const bool is_same = again.size() == 100 && again.data()[7] == 'x';
  return second + (is_same ? ", and the first one is as it was" : ", and the first one is changed");
}

std::string reserved(std::size_t bytes) {
  SharedMemory made = SharedMemory::create(name_of("reserved"), bytes);
  struct stat status;
  if (::fstat(made.fd(), &status) != 0) return "fd() is no descriptor of the object";
  const std::size_t there = static_cast<std::size_t>(status.st_blocks) * 512;
  if (there >= bytes) return "all";
  return std::to_string(there) + " of " + std::to_string(bytes) + " bytes";
}

std::string too_much() {
  // The limit that programs under check have for their files would end the probe.
  if (::signal(SIGXFSZ, SIG_IGN) == SIG_ERR) throw kit::UnknownCall{"signal"};
  const std::string name = name_of("too_much");
  const std::string said = outcome_of([&] { SharedMemory::create(name, std::size_t{1} << 62); });
  return said + ", " + there(name);
}

std::string empty() {
  const std::string name = name_of("empty");
  const int fd = ::shm_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);
  if (fd < 0) throw kit::UnknownCall{"shm_open"};
  ::close(fd);
  std::string said;
  try {
    SharedMemory opened = SharedMemory::open(name);
    said = std::to_string(opened.size()) + " bytes, " +
           (opened.data() == nullptr ? "null" : "not null");
  } catch (const std::exception& error) {
    said = error.what();
  }
  ::shm_unlink(name.c_str());
  return said;
}

char mark_of(std::size_t segment) { return static_cast<char>(1 + segment % 250); }

std::string apart(std::size_t count, std::size_t bytes) {
  const std::string name = name_of("apart");
  const Segments made = Segments::create(name, count, bytes);
  const Segments opened = Segments::open(name, count, bytes);
  for (std::size_t i = 0; i < count; ++i) {
    const Segment segment = made.at(static_cast<std::uint32_t>(i));
    const std::string which = "segment " + std::to_string(i);
    if (segment.number != i) return which + " says that it is " + std::to_string(segment.number);
    if (segment.memory.size() != bytes)
      return which + " has " + std::to_string(segment.memory.size()) + " bytes";
    if (reinterpret_cast<std::uintptr_t>(segment.memory.data()) % Segments::kAlignment != 0)
      return which + " is not at a multiple of 64 bytes";
    std::memset(segment.memory.data(), mark_of(i), bytes);
  }
  for (std::size_t i = 0; i < count; ++i) {
    for (const char byte : opened.at(static_cast<std::uint32_t>(i)).memory) {
      if (byte != mark_of(i))
        return "segment " + std::to_string(i) + " is not what was written there";
    }
  }
  return "apart";
}

std::string open_as(std::size_t count, std::size_t bytes, std::size_t count2, std::size_t bytes2) {
  const std::string name = name_of("shape");
  const Segments made = Segments::create(name, count, bytes);
  return outcome_of([&] { Segments::open(name, count2, bytes2); });
}

class MemoryAdapter : public kit::Adapter {
 public:
  std::string call(const std::string& name, const kit::Words& args) override {
    const auto number = [&](std::size_t i) { return std::stoul(args.at(i)); };
    if (name == "memory") return memory(number(0));
    if (name == "owner") return owner(false);
    if (name == "moved") return owner(true);
    if (name == "twice") return twice();
    if (name == "missing") return outcome_of([] { SharedMemory::open(name_of("missing")); });
    if (name == "reserved") return reserved(number(0));
    if (name == "too_much") return too_much();
    if (name == "empty") return empty();
    if (name == "apart") return apart(number(0), number(1));
    if (name == "at") {
      const Segments segments = Segments::create(name_of("at"), number(0), 100);
      return outcome_of([&] { segments.at(static_cast<std::uint32_t>(number(1))); });
    }
    if (name == "segments")
      return outcome_of([&] { Segments::create(name_of("shape"), number(0), number(1)); });
    if (name == "open_as") return open_as(number(0), number(1), number(2), number(3));
    throw kit::UnknownCall{name};
  }
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words&) {
  return std::make_unique<MemoryAdapter>();
}
