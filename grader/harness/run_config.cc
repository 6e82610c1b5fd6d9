#include "grader/harness/run_config.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace kit {
namespace {

constexpr std::array<std::pair<Mode, std::string_view>, 6> kModes = {{
    {Mode::kPlain, "plain"},
    {Mode::kAsan, "asan"},
    {Mode::kTsan, "tsan"},
    {Mode::kMemcheck, "memcheck"},
    {Mode::kStress, "stress"},
    {Mode::kExplore, "explore"},
}};

Mode mode_from_name(const std::string& name) {
  for (const auto& [mode, word] : kModes) {
    if (word == name) return mode;
  }
  throw std::runtime_error("no such mode: " + name);
}

// Programs are run from a folder of their own, where a relative path leads nowhere.
std::string absolute(const std::string& path) {
  return path.empty() ? path : std::filesystem::absolute(path).string();
}

RunConfig from_json(const nlohmann::json& json) {
  RunConfig config;
  json.at("lab").get_to(config.lab);
  json.at("subject").get_to(config.subject);
  json.at("own_folders").get_to(config.own_code.folders);
  json.at("shown_package").get_to(config.shown_package);
  json.at("step").get_to(config.step);
  json.at("runs").get_to(config.runs);
  config.limit_ms = json.value("limit_ms", std::int64_t{0});
  json.at("known_checks").get_to(config.known_checks);
  config.mode = mode_from_name(json.at("mode"));
  config.interpose = absolute(json.at("interpose"));
  config.calibration = absolute(json.at("calibration"));
  config.after = absolute(json.value("after", ""));
  for (const auto& [name, path] : json.at("programs").items())
    config.programs[name] = absolute(path);
  config.references = json.value("references", config.references);
  for (const nlohmann::json& check : json.at("checks")) {
    config.checks.push_back({check.at("name"), check.at("needs")});
  }
  return config;
}

}  // namespace

std::string_view mode_name(Mode mode) {
  for (const auto& [value, name] : kModes) {
    if (value == mode) return name;
  }
  throw std::runtime_error("no such mode");
}

bool RunConfig::is_reference(const std::string& program) const {
  return std::find(references.begin(), references.end(), program) != references.end();
}

RunConfig read_run_config(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot open " + path);
  try {
    return from_json(nlohmann::json::parse(file));
  } catch (const std::exception& error) {
    throw std::runtime_error(path + ": " + error.what());
  }
}

}  // namespace kit
