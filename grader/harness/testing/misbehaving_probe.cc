// What misbehaving_checks.cc looks at.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "grader/harness/probe.h"
#include "grader/harness/probe_log.h"

namespace {

// The log is where KIT_LOG_FD says, for whoever wants to forge it.
void scribble() {
  void* log = mmap(nullptr, kit::kLogBytes, PROT_READ | PROT_WRITE, MAP_SHARED,
                   std::atoi(std::getenv("KIT_LOG_FD")), 0);
  std::memset(log, 0x7f, 1 << 20);
}

class MisbehavingAdapter : public kit::Adapter {
 public:
  std::string call(const std::string& name, const kit::Words&) override {
    if (name == "one") return "1";
    if (name == "throw") throw std::runtime_error("nothing left");
    if (name == "crash") std::abort();
    if (name == "hang") pause();
    if (name == "scribble") scribble();
    if (name == "hang" || name == "scribble") return "1";
    throw kit::UnknownCall{name};
  }
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words&) {
  return std::make_unique<MisbehavingAdapter>();
}
