#include "grader/harness/watch.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <sstream>
#include <system_error>

#include "grader/harness/check.h"
#include "grader/harness/command.h"
#include "grader/harness/probe_run.h"

namespace kit {
namespace {

constexpr int kPipeBytes = 1 << 20;
constexpr int kToolLimitMs = 10'000;

}  // namespace

Watch::Watch() {
  std::array<int, 2> fds;
  if (pipe2(fds.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe2");
  }
  read_end_.reset(fds[0]);
  write_end_.reset(fds[1]);
  // More room is welcome, not needed: what does not fit is dropped by the writer.
  static_cast<void>(fcntl(fds[1], F_SETPIPE_SZ, kPipeBytes));
}

StartOptions Watch::apply(StartOptions options) const {
  options.inherited_fds.push_back(write_end_.get());
  options.env["KIT_WATCH_FD"] = std::to_string(write_end_.get());
  return options;
}

std::vector<WatchEvent> Watch::take_unplaced_events() {
  std::string text;
  char buffer[4096];
  ssize_t got = 0;
  while ((got = read(read_end_.get(), buffer, sizeof buffer)) > 0) text.append(buffer, got);
  std::vector<WatchEvent> events;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    WatchEvent event;
    words >> event.name >> event.what >> event.site;
    events.push_back(event);
  }
  return events;
}

std::vector<WatchEvent> Watch::take_events(const std::string& name) {
  std::vector<WatchEvent> events;
  for (WatchEvent& event : take_unplaced_events()) {
    if (!name.empty() && event.name != name) continue;
    event.place = place_of_site(event.site, config().own_code);
    events.push_back(std::move(event));
  }
  return events;
}

// "<file>+0x1,0x2"
std::string place_of_site(const std::string& site, const OwnCode& own) {
  const std::size_t plus = site.rfind('+');
  if (plus == std::string::npos) return "";
  std::vector<std::string> argv = {"addr2line", "-i", "-e", site.substr(0, plus)};
  std::istringstream offsets(site.substr(plus + 1));
  for (std::string offset; std::getline(offsets, offset, ',');) argv.push_back(offset);
  const CommandResult result = run_command(argv, Deadline::after_ms(kToolLimitMs));
  std::istringstream places(result.out);
  for (std::string place; std::getline(places, place);) {
    if (!own.is_in(place)) continue;
    return place.substr(0, place.find(' '));
  }
  return "";
}

std::vector<WatchEvent> run_watched(const std::string& probe, const Scenario& scenario) {
  Watch watch;
  run_probe(probe, scenario, 1, watch.apply());
  return watch.take_events();
}

}  // namespace kit
