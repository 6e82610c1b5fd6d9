#include "grader/grade/plan.h"

#include <algorithm>

#include "grader/grade/errors.h"

namespace kit::grade {
namespace {

std::string known_modes(const Manifest& manifest) {
  std::vector<std::string> modes;
  for (const Step& step : manifest.steps) {
    for (const std::string& mode : step.modes) {
      if (std::find(modes.begin(), modes.end(), mode) == modes.end()) modes.push_back(mode);
    }
  }
  std::string text;
  for (const std::string& mode : modes) text += (text.empty() ? "" : ", ") + mode;
  return text;
}

void refuse_unknown(const Manifest& manifest, const Selection& selection) {
  if (selection.step && manifest.find_step(*selection.step) == nullptr) {
    throw UsageError("the lab " + manifest.lab + " has no step " + std::to_string(*selection.step) +
                     "; its steps are 1 to " + std::to_string(manifest.steps.size()));
  }
  if (!selection.mode.empty() && !manifest.has_mode(selection.mode)) {
    throw UsageError("the lab " + manifest.lab + " has no mode '" + selection.mode +
                     "'; its modes are: " + known_modes(manifest));
  }
}

std::size_t most_modes(const Manifest& manifest) {
  std::size_t most = 0;
  for (const Step& step : manifest.steps) most = std::max(most, step.modes.size());
  return most;
}

}  // namespace

std::string job_target(const Subject& subject, int step, const std::string& mode) {
  return subject.target_prefix + "_step" + std::to_string(step) + "_" + mode;
}

std::vector<Job> plan_jobs(const Manifest& manifest, const Subject& subject,
                           const Selection& selection) {
  refuse_unknown(manifest, selection);
  std::vector<Job> jobs;
  for (std::size_t rank = 0; rank < most_modes(manifest); ++rank) {
    for (const Step& step : manifest.steps) {
      if (selection.step && *selection.step != step.number) continue;
      if (rank >= step.modes.size()) continue;
      const std::string& mode = step.modes[rank];
      if (!selection.mode.empty() && selection.mode != mode) continue;
      jobs.push_back({step.number, mode, job_target(subject, step.number, mode)});
    }
  }
  if (jobs.empty()) {
    throw UsageError("step " + std::to_string(*selection.step) + " has no checks in the mode '" +
                     selection.mode + "'");
  }
  return jobs;
}

}  // namespace kit::grade
