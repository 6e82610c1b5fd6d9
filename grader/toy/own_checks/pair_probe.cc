#include "counter.h"
#include "grader/harness/probe.h"

namespace {

// Two counters; the first word of a call says which: "1" or "2".
class PairAdapter : public kit::Adapter {
 public:
  std::string call(const std::string& name, const kit::Words& words) override {
    if (name == "add") return std::to_string((words.at(0) == "1" ? first_ : second_).add());
    throw kit::UnknownCall{name};
  }

 private:
  Counter first_;
  Counter second_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words&) {
  return std::make_unique<PairAdapter>();
}
