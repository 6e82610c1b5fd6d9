#include "grader/harness/mode_test.h"

#include "grader/explore/driver/campaign.h"
#include "grader/harness/box.h"
#include "grader/harness/command.h"
#include "grader/harness/evidence.h"
#include "grader/harness/temp_folder.h"

namespace kit {
namespace {

constexpr char kProgram[] = "self_test";
constexpr int kLimitMs = 30'000;

// Its two threads race under whatever schedule.
bool is_accused_by_explorer(const RunConfig& config) {
  explore::ProgramSubject subject(
      {config.programs.at(kProgram), std::string(mode_name(config.mode))});
  explore::CampaignOptions options;
  options.schedules = 20;
  options.after_race = 0;
  options.is_shrunk = false;
  try {
    const auto failure = explore::explore(subject, options).failure;
    return failure && failure->verdict == explore::Verdict::kRace;
  } catch (const explore::SubjectGone&) {
    return false;
  }
}

bool is_accused(const RunConfig& config, const std::string& folder) {
  const std::unique_ptr<Box> box = make_box(config, folder);
  Process& process = box->start(kProgram, {std::string(mode_name(config.mode))});
  process.wait(Deadline::after_ms(kLimitMs));
  process.kill();
  return read_evidence(box->report_folder(), config.own_code).has_value();
}

// The call that the compiler puts into every instrumented file.
std::string instrumentation_symbol(Mode mode) {
  if (mode == Mode::kAsan) return "__asan_init";
  if (mode == Mode::kTsan || mode == Mode::kExplore) return "__tsan_init";
  return "";
}

}  // namespace

std::string missing_instrumentation(const RunConfig& config) {
  if (config.mode == Mode::kPlain || config.mode == Mode::kStress) return "";
  const bool works = config.mode == Mode::kExplore ? is_accused_by_explorer(config)
                                                   : is_accused(config, TempFolder().path());
  const std::string mode(mode_name(config.mode));
  if (!works)
    return "the mode " + mode + " does not work on this machine: its self-test was not accused";
  const std::string symbol = instrumentation_symbol(config.mode);
  if (symbol.empty()) return "";
  for (const auto& [name, path] : config.programs) {
    // Where the solution is not, its programs are as they were handed out: fit for every mode.
    if (config.is_reference(name)) continue;
    const CommandResult symbols = run_command({"nm", path}, Deadline::after_ms(kLimitMs));
    if (symbols.out.find(symbol) == std::string::npos) {
      return name + " was built without the instrumentation of the mode " + mode;
    }
  }
  return "";
}

}  // namespace kit
