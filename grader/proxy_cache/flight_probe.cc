// Calls on a SingleFlight. Its work makes a number, 1, 2, 3: the flight's. Setup: nothing, or
// WAITERS: the work goes on until so many wait for it.
//
//   run KEY     "did flight 1", or "got flight 1" of somebody else's; "null"
//   fail KEY    the same with work that throws: "threw", or what it got
#include <time.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>

#include "grader/harness/deadline.h"
#include "grader/harness/probe.h"
#include "single_flight.h"

namespace {

class FlightAdapter : public kit::Adapter {
 public:
  explicit FlightAdapter(std::size_t waiters) : waiters_(waiters) {}

  std::string call(const std::string& name, const kit::Words& args) override {
    if (name != "run" && name != "fail") throw kit::UnknownCall{name};
    bool is_mine = false;
    const auto work = [&] {
      is_mine = true;
      return fly(name == "fail");
    };
    try {
      const std::shared_ptr<const int> flight = flights_.run(args.at(0), work);
      if (!flight) return is_mine ? "did it, and got null" : "null";
      return (is_mine ? "did flight " : "got flight ") + std::to_string(*flight);
    } catch (const std::length_error&) {
      return is_mine ? "threw" : "threw what is another one's";
    }
  }

 private:
  std::shared_ptr<const int> fly(bool fails) {
    const int number = ++begun_;
    const kit::Deadline end = kit::Deadline::after_ms(kit::patience_ms());
    // Who works by himself will not wait.
    while (number == 1 && flights_.waiting_count() + begun_ - 1 < waiters_ && !end.expired()) {
      const timespec pause = {0, 300'000};
      static_cast<void>(::nanosleep(&pause, nullptr));
    }
    if (fails) throw std::length_error("thrown on purpose");
    return std::make_shared<const int>(number);
  }

  const std::size_t waiters_;
  std::atomic<int> begun_{0};
  proxy_cache::SingleFlight<int> flights_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<FlightAdapter>(setup.empty() ? 0 : std::stoul(setup[0]));
}
