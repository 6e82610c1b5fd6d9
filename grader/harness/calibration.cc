#include "grader/harness/calibration.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "grader/harness/deadline.h"
#include "grader/harness/fd.h"
#include "grader/harness/rounds.h"

namespace kit {
namespace {

// A hang is found after this many times the reference's time, but not before the floor: a person's
// correct code may well be some times slower than the reference.
constexpr double kFactor = 20;
constexpr double kFloorMs = 4000;
constexpr double kUnknownSeconds = 0.5;

// The limits are so generous that four for each processor are nothing to speak of.
constexpr double kUsualCrowding = 4;
// A program that forks without end must not make everybody wait for minutes, when it has long gone.
constexpr double kMostForCrowding = 4;

// What a mode costs a program, roughly: for checks of which nothing is known, and for waits.
double cost_of(Mode mode) {
  switch (mode) {
    case Mode::kPlain:
    case Mode::kStress:
      return 1;
    case Mode::kAsan:
    case Mode::kExplore:
      return 2;
    case Mode::kTsan:
      return 3;
    case Mode::kMemcheck:
      return 8;
  }
  return 1;
}

// Threads that hand a byte to and fro: what servers do most.
double ping_pong_ms() {
  std::array<int, 2> fds;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0) return 0;
  UniqueFd mine(fds[0]);
  UniqueFd theirs(fds[1]);
  std::thread echo([&theirs] {
    char byte = 0;
    while (read(theirs.get(), &byte, 1) == 1 && write(theirs.get(), &byte, 1) == 1) {
    }
  });
  const std::int64_t begin_ns = monotonic_ns();
  char byte = 0;
  for (int i = 0; i < 500; ++i) {
    if (write(mine.get(), &byte, 1) != 1 || read(mine.get(), &byte, 1) != 1) break;
  }
  const double took_ms = (monotonic_ns() - begin_ns) / 1e6;
  mine.reset();
  echo.join();
  return took_ms;
}

}  // namespace

double crowding_now() {
  double load = 0;
  const long processors = sysconf(_SC_NPROCESSORS_ONLN);
  return getloadavg(&load, 1) == 1 && processors > 0 ? load / static_cast<double>(processors) : 0;
}

double measure_work_ms() {
  double best_ms = ping_pong_ms();
  for (int i = 0; i < 2; ++i) best_ms = std::min(best_ms, ping_pong_ms());
  return best_ms;
}

Calibration::Calibration(const std::string& path, Mode mode, double crowding)
    : mode_(mode),
      slowness_(cost_of(mode) * std::clamp(crowding / kUsualCrowding, 1.0, kMostForCrowding)) {
  if (path.empty()) return;
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot open " + path);
  try {
    const nlohmann::json json = nlohmann::json::parse(file);
    const double ratio = measure_work_ms() / json.at("work_ms").get<double>();
    slowness_ = std::max(slowness_, cost_of(mode) * ratio);
    const nlohmann::json& seconds = json.at("seconds");
    const std::string name(mode_name(mode));
    if (seconds.contains(name)) seconds.at(name).get_to(seconds_);
  } catch (const nlohmann::json::exception& error) {
    throw std::runtime_error(path + ": " + error.what());
  }
}

std::int64_t Calibration::limit_ms(const std::string& check) const {
  const auto known = seconds_.find(check);
  const double speed = slowness_ / cost_of(mode_);
  const double reference_ms =
      1000 * (known != seconds_.end() ? known->second : kUnknownSeconds * cost_of(mode_));
  // What a stress run spends on purpose is no sign of slow code.
  const double budget_ms = mode_ == Mode::kStress ? kStressBudgetMs : 0;
  const double own_ms = std::max(0.0, reference_ms - budget_ms) * kFactor * speed;
  return static_cast<std::int64_t>(std::max(kFloorMs * slowness_, own_ms) + budget_ms);
}

}  // namespace kit
