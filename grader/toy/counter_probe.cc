#include "counter.h"
#include "grader/harness/probe.h"

namespace {

class CounterAdapter : public kit::Adapter {
 public:
  std::string call(const std::string& name, const kit::Words&) override {
    if (name == "add") return std::to_string(counter_.add());
    if (name == "last") return std::to_string(counter_.last());
    throw kit::UnknownCall{name};
  }

 private:
  Counter counter_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words&) {
  return std::make_unique<CounterAdapter>();
}
