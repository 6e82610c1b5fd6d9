#include "grader/grade/manifest.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "grader/grade/errors.h"

namespace kit::grade {
namespace {

using Json = nlohmann::json;

Check check_of(const Json& json) {
  Check check;
  json.at("name").get_to(check.name);
  json.at("points").get_to(check.points);
  check.needs = json.value("needs", std::vector<std::string>());
  check.is_own = json.value("own", false);
  return check;
}

Step step_of(const Json& json) {
  Step step;
  json.at("number").get_to(step.number);
  json.at("title").get_to(step.title);
  json.at("files").get_to(step.files);
  json.at("modes").get_to(step.modes);
  step.anchor = json.value("anchor", "");
  step.references = json.value("references", step.references);
  for (const Json& check : json.at("checks")) step.checks.push_back(check_of(check));
  return step;
}

Manifest manifest_of(const Json& json) {
  if (json.at("format") != 1) throw std::invalid_argument("a manifest of another format than 1");
  Manifest manifest;
  json.at("lab").get_to(manifest.lab);
  json.at("title").get_to(manifest.title);
  manifest.page = json.value("page", "");
  manifest.lab_package = json.value("lab_package", "labs/" + manifest.lab);
  manifest.solution_package = json.value("solution_package", "solutions/" + manifest.lab);
  manifest.is_internal = json.value("internal", false);
  for (const Json& step : json.at("steps")) manifest.steps.push_back(step_of(step));
  return manifest;
}

}  // namespace

std::string Manifest::runs_package() const {
  return own_checks.empty() ? "//grader/" + lab : "@hidden_checks//";
}

const Step* Manifest::find_step(int number) const {
  for (const Step& step : steps) {
    if (step.number == number) return &step;
  }
  return nullptr;
}

bool Manifest::has_mode(const std::string& mode) const {
  for (const Step& step : steps) {
    for (const std::string& known : step.modes) {
      if (known == mode) return true;
    }
  }
  return false;
}

double max_points(const Step& step) {
  double sum = 0;
  for (const Check& check : step.checks) {
    for (const auto& [mode, points] : check.points) sum += points;
  }
  return sum;
}

double max_points(const Manifest& manifest) {
  double sum = 0;
  for (const Step& step : manifest.steps) sum += max_points(step);
  return sum;
}

std::vector<std::string> handed_in_files(const Manifest& manifest) {
  std::vector<std::string> files;
  for (const Step& step : manifest.steps) {
    for (const std::string& file : step.files) {
      if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
    }
  }
  return files;
}

Manifest read_manifest(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw_errno("cannot read the manifest " + file.string());
  try {
    return manifest_of(Json::parse(in));
  } catch (const std::exception& error) {
    throw GraderError("the manifest " + file.string() + " is broken: " + error.what());
  }
}

std::vector<Manifest> read_manifests(const std::filesystem::path& list) {
  std::ifstream in(list);
  if (!in) throw_errno("cannot read the list of labs " + list.string());
  const std::filesystem::path root = list.parent_path().parent_path();
  std::vector<Manifest> labs;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) labs.push_back(read_manifest(root / line));
  }
  return labs;
}

std::filesystem::path find_manifest_list(const std::string& argv0) {
  const char* runfiles = std::getenv("RUNFILES_DIR");
  std::vector<std::filesystem::path> roots = {argv0 + ".runfiles/ipc_lab_kit", "."};
  if (runfiles != nullptr)
    roots.insert(roots.begin(), std::filesystem::path(runfiles) / "ipc_lab_kit");
  for (const std::filesystem::path& root : roots) {
    std::error_code unreadable;
    const std::filesystem::path list = root / "grader/labs.txt";
    if (std::filesystem::exists(list, unreadable)) return list;
  }
  throw GraderError(
      "the list of labs is not beside the program; start it by `bazel run //grader -- ...`");
}

const Manifest& find_lab(const std::vector<Manifest>& labs, const std::string& name) {
  std::string names;
  for (const Manifest& lab : labs) {
    if (lab.lab == name) return lab;
    if (!lab.is_internal) names += (names.empty() ? "" : ", ") + lab.lab;
  }
  throw UsageError("there is no lab '" + name + "'; the labs are: " + names);
}

}  // namespace kit::grade
