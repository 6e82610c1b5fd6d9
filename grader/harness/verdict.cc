// Turns findings into a test's verdict.
//
//     verdict FINDINGS...                          all checks passed
//     verdict --untouched FINDINGS...              a starter: nothing passes, nothing crashes or
//     hangs verdict --killed-by A --as raced [--also B,C] RUN OTHER...
//                                                  a mutant: in RUN check A fails as it should, and
//                                                  nowhere does anything fail but A, B and C;
//                                                  --also '*': a mistake that may show anywhere
//     verdict --worthless A --as failed --says TEXT [--earned B,C] FINDINGS
//                                                  a hostile submission: check A is as it should be
//                                                  and shows TEXT; nothing passes but B and C; and
//                                                  the grader itself has no trouble
//     --golden FILE                                what the student would see is what FILE says
//     --write FILE                                 writes it there instead
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "grader/harness/finding.h"
#include "grader/harness/golden.h"
#include "grader/harness/render.h"

namespace {

struct Options {
  bool untouched = false;
  std::string killed_by;
  std::string as;
  std::string also;
  std::string worthless;
  std::string says;
  std::string earned;
  std::string golden;
  std::string write;
  std::vector<std::string> runs;
};

Options parse(int argc, char** argv) {
  Options options;
  CLI::App app("Turns findings into a verdict.");
  app.add_flag("--untouched", options.untouched);
  app.add_option("--killed-by", options.killed_by);
  app.add_option("--as", options.as);
  app.add_option("--also", options.also);
  app.add_option("--worthless", options.worthless);
  app.add_option("--says", options.says);
  app.add_option("--earned", options.earned);
  app.add_option("--golden", options.golden);
  app.add_option("--write", options.write);
  app.add_option("runs", options.runs)->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : 2);
  }
  return options;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot open " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string text_of(const kit::Finding& finding) {
  return kit::render_finding(finding, kit::RenderContext{});
}

// Collects what is wrong, so that a test tells all of it at once.
class Judge {
 public:
  explicit Judge(const Options& options) : options_(options) {
    for (const std::string& path : options.runs) {
      sets_.push_back(nlohmann::json::parse(read_file(path)).get<kit::FindingSet>());
    }
  }

  void judge() {
    if (options_.untouched) {
      judge_untouched();
    } else if (!options_.worthless.empty()) {
      for (const kit::FindingSet& set : sets_) judge_hostile(set);
    } else if (!options_.killed_by.empty()) {
      judge_mutant();
    } else {
      for (const kit::FindingSet& set : sets_) {
        for (const kit::Finding& finding : set.findings) require_passed(set, finding);
      }
    }
  }

  // The finding that a golden file keeps: the first one that did not pass in the first run; for a
  // mutant, that of the check that its header names.
  const kit::Finding* first_failure() const {
    for (const kit::Finding& finding : sets_.front().findings) {
      const bool is_it = options_.killed_by.empty() ? finding.status != kit::Status::kPassed
                                                    : finding.check == options_.killed_by;
      if (is_it) return &finding;
    }
    return nullptr;
  }

  void complain(const std::string& text) { complaints_ += text + "\n"; }
  const std::string& complaints() const { return complaints_; }

 private:
  void require_passed(const kit::FindingSet& set, const kit::Finding& finding) {
    if (finding.status == kit::Status::kPassed) return;
    complain("step " + std::to_string(set.step) + ", " + set.mode + ": " +
             kit::shown(text_of(finding)));
  }

  void judge_untouched() {
    for (const kit::Finding& finding : sets_.front().findings) {
      if (finding.status == kit::Status::kFailed || finding.status == kit::Status::kSkipped)
        continue;
      complain("an untouched starter should fail " + finding.check + ", and it " +
               std::string(kit::status_name(finding.status)) + ":\n" +
               kit::shown(text_of(finding)));
    }
  }

  void judge_hostile(const kit::FindingSet& set) {
    bool is_seen = false;
    for (const kit::Finding& finding : set.findings) {
      const std::string text = kit::shown(text_of(finding));
      const bool is_it = finding.check == options_.worthless;
      is_seen = is_seen || is_it;
      if (finding.status == kit::Status::kNotGradable) {
        complain("the grader got into trouble:\n" + text);
      } else if (finding.status == kit::Status::kPassed &&
                 !is_listed(options_.earned, finding.check)) {
        complain(finding.check + " passes, which nobody has earned");
      } else if (is_it && (kit::status_name(finding.status) != options_.as ||
                           text.find(options_.says) == std::string::npos)) {
        complain("this should be " + options_.as + " and say \"" + options_.says + "\":\n" + text);
      }
    }
    if (!is_seen) complain("no check is called " + options_.worthless);
  }

  void judge_mutant() {
    const kit::Finding* killer = first_failure();
    if (killer == nullptr) {
      complain("no check is called " + options_.killed_by);
    } else if (kit::status_name(killer->status) != options_.as) {
      complain("the mutant should be caught by " + killer->check + " as " + options_.as +
               ", and that check says:\n" + kit::shown(text_of(*killer)));
    }
    for (const kit::FindingSet& set : sets_) {
      for (const kit::Finding& finding : set.findings) {
        if (!is_related(finding)) require_passed(set, finding);
      }
    }
  }

  // What is skipped because a related check failed says nothing of its own.
  bool is_related(const kit::Finding& finding) const {
    if (finding.check == options_.killed_by || finding.status == kit::Status::kSkipped) return true;
    if (options_.also == "*") return true;
    return is_listed(options_.also, finding.check);
  }

  static bool is_listed(const std::string& list, const std::string& check) {
    return ("," + list + ",").find("," + check + ",") != std::string::npos;
  }

  const Options& options_;
  std::vector<kit::FindingSet> sets_;
  std::string complaints_;
};

// A file that says the same already stays as it is: what varies would only be noise in its history.
void write_golden(const std::string& path, const std::string& text) {
  std::ifstream old(path);
  const std::string before{std::istreambuf_iterator<char>(old), {}};
  if (kit::words_of_golden(text) == kit::words_of_golden(before)) return;
  std::ofstream file(path);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

void compare_golden(Judge& judge, const Options& options) {
  const kit::Finding* finding = judge.first_failure();
  if (finding == nullptr) return;
  const std::string text = kit::as_golden(text_of(*finding)) + "\n";
  if (!options.write.empty()) {
    write_golden(options.write, text);
  } else if (!options.golden.empty() &&
             kit::words_of_golden(text) != kit::words_of_golden(read_file(options.golden))) {
    judge.complain("What the student sees is no longer what " + options.golden + " says. It is:\n" +
                   text + "If that is better: bazel run //grader:goldens -- <lab>");
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  try {
    Judge judge(options);
    judge.judge();
    compare_golden(judge, options);
    std::fputs(judge.complaints().c_str(), stdout);
    return judge.complaints().empty() ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "verdict: %s\n", error.what());
    return 3;
  }
}
