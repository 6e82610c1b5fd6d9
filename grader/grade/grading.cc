#include "grader/grade/grading.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "grader/grade/build_failure.h"
#include "grader/grade/environment.h"
#include "grader/grade/errors.h"

namespace kit::grade {
namespace {

constexpr int kExitInterrupted = 8;  // of Bazel
constexpr std::size_t kShownLog = 4000;

std::string tail_of(const std::string& log) {
  return log.size() <= kShownLog ? log : "..." + log.substr(log.size() - kShownLog);
}

std::string findings_file(const TargetOutcome& outcome) {
  for (const std::string& file : outcome.files) {
    if (file.ends_with(".findings.json")) return file;
  }
  return {};
}

// A subject's output is cleaned before it gets into a finding. This makes sure: nothing that a
// student's program wrote may reach a terminal as a command. The marks of varies() stay.
void drop_control_characters(std::string& text) {
  std::erase_if(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\t' && c != '\x0e' && c != '\x0f') || byte == 0x7f;
  });
}

FindingSet read_set(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw_errno("the findings file " + file + " cannot be read");
  return nlohmann::json::parse(in).get<FindingSet>();
}

class Grading {
 public:
  Grading(const GradeRequest& request, Progress& progress);

  void take(const TargetOutcome& outcome);
  bool is_done() const;
  // What is known so far.
  Grade partial() const;
  // What is left to say once Bazel has ended.
  Grade finish(const Bazel& bazel, const BuildResult& build);

 private:
  JobResult* find(const std::string& target);
  void close(JobResult& result);
  void explain_rest(const BuildResult& build);
  void refuse_unknown_subject() const;
  std::vector<std::string> isolations() const;

  const GradeRequest& request_;
  Progress& progress_;
  std::vector<JobResult> results_;
  std::vector<TargetOutcome> unexplained_;  // need Bazel's log, which is whole only at the end
};

Grading::Grading(const GradeRequest& request, Progress& progress)
    : request_(request), progress_(progress) {
  for (const Job& job : request.jobs) {
    results_.emplace_back();
    results_.back().job = job;
  }
}

JobResult* Grading::find(const std::string& target) {
  const auto found = std::find_if(results_.begin(), results_.end(), [&](const JobResult& result) {
    return result.job.target == target;
  });
  return found != results_.end() ? &*found : nullptr;
}

void Grading::take(const TargetOutcome& outcome) {
  JobResult* result = find(outcome.label);
  if (result == nullptr || result->is_done) return;
  if (outcome.is_built) {
    *result = read_findings(result->job, request_.manifest.lab, outcome);
    close(*result);
  } else if (!outcome.causes.empty()) {
    result->blanket = explain_build_failure(outcome, request_.subject, request_.manifest.lab, "");
    close(*result);
  } else {
    unexplained_.push_back(outcome);
  }
}

Grade Grading::partial() const {
  Grade grade = score(request_.manifest, request_.subject, results_);
  grade.seconds = progress_.seconds();
  return grade;
}

bool Grading::is_done() const {
  return std::all_of(results_.begin(), results_.end(),
                     [](const JobResult& result) { return result.is_done; });
}

void Grading::close(JobResult& result) {
  result.is_done = true;
  std::vector<Row> rows;
  for (StepGrade& step : score(request_.manifest, request_.subject, {result}).steps) {
    rows.insert(rows.end(), step.rows.begin(), step.rows.end());
  }
  progress_.show_done(result.job, rows);
}

void Grading::refuse_unknown_subject() const {
  const bool is_all = unexplained_.size() == results_.size();
  const bool is_unknown = std::all_of(unexplained_.begin(), unexplained_.end(),
                                      [](const TargetOutcome& o) { return o.is_unknown; });
  const std::string& word = request_.subject.word;
  if (!is_all || !is_unknown || word == "lab" || word == "solution") return;
  throw UsageError("there is no subject '" + request_.subject.label +
                   "': " + unexplained_.front().message);
}

void Grading::explain_rest(const BuildResult& build) {
  for (const TargetOutcome& outcome : unexplained_) {
    JobResult* result = find(outcome.label);
    result->blanket =
        explain_build_failure(outcome, request_.subject, request_.manifest.lab, tail_of(build.log));
    close(*result);
  }
  if (build.was_interrupted || build.was_outdated || build.exit_code == kExitInterrupted) return;
  for (JobResult& result : results_) {
    if (result.is_done) continue;
    result.blanket =
        not_gradable("Bazel ended with exit status " + std::to_string(build.exit_code) +
                         " and said nothing about " + result.job.target + ".",
                     tail_of(build.log));
    close(result);
  }
}

std::vector<std::string> Grading::isolations() const {
  std::set<std::string> all;
  for (const JobResult& result : results_) {
    if (!result.isolation.empty()) all.insert(result.isolation);
  }
  return {all.begin(), all.end()};
}

Grade Grading::finish(const Bazel& bazel, const BuildResult& build) {
  if (!unexplained_.empty()) refuse_unknown_subject();
  explain_rest(build);
  progress_.end();
  Grade grade = score(request_.manifest, request_.subject, results_);
  grade.was_interrupted = build.was_interrupted || build.exit_code == kExitInterrupted;
  grade.seconds = progress_.seconds();
  grade.environment = describe_environment(bazel, build.bazel_version, isolations());
  return grade;
}

}  // namespace

GradeRun run_grade(const Bazel& bazel, const GradeRequest& request, SignalWatch& signals,
                   Progress& progress, BuildHooks hooks) {
  Grading grading(request, progress);
  hooks.on_target = [&](const TargetOutcome& outcome) {
    grading.take(outcome);
    if (request.on_partial) request.on_partial(grading.partial());
  };
  hooks.on_tick = [&](const std::string& notice) { progress.tick(notice); };
  std::vector<std::string> targets;
  for (const Job& job : request.jobs) targets.push_back(job.target);
  progress.begin(request.jobs);
  const BuildResult result = build(bazel, targets, signals, hooks);
  return {grading.finish(bazel, result), result.was_outdated};
}

namespace {

// The gradings of one build, and which of them are told already.
class Gradings {
 public:
  Gradings(const Bazel& bazel, const std::vector<GradeRequest>& requests, Progress& progress,
           const OnGrade& on_grade);

  std::vector<std::string> targets() const;
  void take(const TargetOutcome& outcome);
  void finish(const BuildResult& build);

 private:
  void tell(std::size_t index, const BuildResult& build);

  const Bazel& bazel_;
  const std::vector<GradeRequest>& requests_;
  const OnGrade& on_grade_;
  std::vector<Grading> gradings_;
  std::vector<bool> is_told_;
  // By target. The same code handed in by two is one subject, and is run once.
  std::map<std::string, std::vector<std::size_t>> users_;
};

Gradings::Gradings(const Bazel& bazel, const std::vector<GradeRequest>& requests,
                   Progress& progress, const OnGrade& on_grade)
    : bazel_(bazel), requests_(requests), on_grade_(on_grade), is_told_(requests.size()) {
  for (std::size_t i = 0; i < requests.size(); ++i) {
    gradings_.emplace_back(requests[i], progress);
    for (const Job& job : requests[i].jobs) users_[job.target].push_back(i);
  }
}

std::vector<std::string> Gradings::targets() const {
  std::vector<std::string> targets;
  for (std::size_t i = 0; i < requests_.size(); ++i) {
    for (const Job& job : requests_[i].jobs) {
      if (users_.at(job.target).front() == i) targets.push_back(job.target);
    }
  }
  return targets;
}

void Gradings::take(const TargetOutcome& outcome) {
  const auto users = users_.find(outcome.label);
  if (users == users_.end()) return;
  for (std::size_t index : users->second) {
    if (is_told_[index]) continue;
    gradings_[index].take(outcome);
    if (gradings_[index].is_done()) tell(index, {});
  }
}

void Gradings::tell(std::size_t index, const BuildResult& build) {
  is_told_[index] = true;
  on_grade_(index, gradings_[index].finish(bazel_, build));
}

void Gradings::finish(const BuildResult& build) {
  const bool was_stopped = build.was_interrupted || build.exit_code == kExitInterrupted;
  for (std::size_t i = 0; i < gradings_.size(); ++i) {
    if (!is_told_[i] && !was_stopped) tell(i, build);
  }
}

}  // namespace

bool run_grades(const Bazel& bazel, const std::vector<GradeRequest>& requests, SignalWatch& signals,
                Progress& progress, const OnGrade& on_grade) {
  std::vector<Job> jobs;
  for (const GradeRequest& request : requests) {
    jobs.insert(jobs.end(), request.jobs.begin(), request.jobs.end());
  }
  Gradings gradings(bazel, requests, progress, on_grade);
  BuildHooks hooks;
  hooks.on_target = [&](const TargetOutcome& outcome) { gradings.take(outcome); };
  hooks.on_tick = [&](const std::string& notice) { progress.tick(notice); };
  progress.begin(jobs);
  const BuildResult result = build(bazel, gradings.targets(), signals, hooks);
  gradings.finish(result);
  progress.end();
  return result.was_interrupted || result.exit_code == kExitInterrupted;
}

JobResult read_findings(const Job& job, const std::string& lab, const TargetOutcome& outcome) {
  JobResult result;
  result.job = job;
  const std::string file = findings_file(outcome);
  try {
    if (file.empty()) throw GraderError(job.target + " left no findings");
    FindingSet set = read_set(file);
    if (set.lab != lab || set.step != job.step || set.mode != job.mode) {
      throw GraderError(file + " holds the findings of something else");
    }
    result.findings = std::move(set.findings);
    for (Finding& finding : result.findings) {
      for (std::string* text : {&finding.did, &finding.expected, &finding.observed, &finding.why,
                                &finding.where, &finding.evidence, &finding.hint}) {
        drop_control_characters(*text);
      }
    }
    result.isolation = set.isolation;
    if (result.findings.empty()) throw GraderError(file + " holds no findings");
  } catch (const std::exception& error) {
    result.blanket = not_gradable(std::string("The findings cannot be read: ") + error.what(), "");
  }
  return result;
}

}  // namespace kit::grade
