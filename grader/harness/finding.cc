#include "grader/harness/finding.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace kit {
namespace {

constexpr std::array<std::pair<Status, std::string_view>, 11> kNames = {{
    {Status::kPassed, "passed"},
    {Status::kFailed, "failed"},
    {Status::kNotBuilt, "not_built"},
    {Status::kCrashed, "crashed"},
    {Status::kHung, "hung"},
    {Status::kDeadlocked, "deadlocked"},
    {Status::kStarved, "starved"},
    {Status::kRaced, "raced"},
    {Status::kLeaked, "leaked"},
    {Status::kSkipped, "skipped"},
    {Status::kNotGradable, "not_gradable"},
}};

// Control characters that no text of a subject keeps: its output is cleaned before it gets here.
constexpr char kVariesBegin = '\x0e';
constexpr char kVariesEnd = '\x0f';
constexpr std::string_view kGoldenBegin = "⟦";
constexpr std::string_view kGoldenEnd = "⟧";

std::string replace_marks(std::string_view text, std::string_view begin, std::string_view end) {
  std::string out;
  for (char c : text) {
    if (c == kVariesBegin) {
      out += begin;
    } else if (c == kVariesEnd) {
      out += end;
    } else {
      out += c;
    }
  }
  return out;
}

// The texts of a finding and their names in the JSON: one list for both directions.
constexpr std::array<std::pair<const char*, std::string Finding::*>, 9> kTexts = {{
    {"did", &Finding::did},
    {"expected", &Finding::expected},
    {"observed", &Finding::observed},
    {"why", &Finding::why},
    {"where", &Finding::where},
    {"evidence", &Finding::evidence},
    {"hint", &Finding::hint},
    {"picture", &Finding::picture},
    {"interleaving", &Finding::interleaving},
}};

}  // namespace

std::string_view status_name(Status status) {
  for (const auto& [value, name] : kNames) {
    if (value == status) return name;
  }
  throw std::invalid_argument("no such status");
}

Status status_from_name(std::string_view name) {
  for (const auto& [value, word] : kNames) {
    if (word == name) return value;
  }
  throw std::invalid_argument("no such status: " + std::string(name));
}

void to_json(nlohmann::json& json, const Finding& finding) {
  json = {{"check", finding.check},
          {"status", status_name(finding.status)},
          {"seconds", finding.seconds},
          {"seed", finding.seed}};
  for (const auto& [key, text] : kTexts) {
    if (!(finding.*text).empty()) json[key] = finding.*text;
  }
}

void from_json(const nlohmann::json& json, Finding& finding) {
  finding.check = json.at("check").get<std::string>();
  finding.status = status_from_name(json.at("status").get<std::string>());
  finding.seconds = json.at("seconds").get<double>();
  finding.seed = json.at("seed").get<std::uint64_t>();
  for (const auto& [key, text] : kTexts) finding.*text = json.value(key, std::string());
}

void to_json(nlohmann::json& json, const FindingSet& set) {
  json = {{"format", 1},
          {"lab", set.lab},
          {"subject", set.subject},
          {"step", set.step},
          {"mode", set.mode},
          {"isolation", set.isolation},
          {"findings", set.findings}};
}

void from_json(const nlohmann::json& json, FindingSet& set) {
  if (json.at("format") != 1) throw std::invalid_argument("findings of another format than 1");
  json.at("lab").get_to(set.lab);
  json.at("subject").get_to(set.subject);
  json.at("step").get_to(set.step);
  json.at("mode").get_to(set.mode);
  json.at("isolation").get_to(set.isolation);
  json.at("findings").get_to(set.findings);
}

std::string varies(std::string_view text) { return kVariesBegin + shown(text) + kVariesEnd; }

std::string with_closed_mark(std::string beginning) {
  const std::size_t begin = beginning.rfind(kVariesBegin);
  if (begin != std::string::npos && beginning.find(kVariesEnd, begin) == std::string::npos) {
    beginning += kVariesEnd;
  }
  return beginning;
}

std::string mark_varying(std::string_view text, const std::set<std::string>& words) {
  std::string out;
  bool is_marked = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto stands_here = [&](const std::string& word) {
      return text.compare(at, word.size(), word) == 0;
    };
    const auto word =
        is_marked ? words.end() : std::find_if(words.begin(), words.end(), stands_here);
    if (word != words.end()) {
      out += varies(*word);
      at += word->size();
      continue;
    }
    if (text[at] == kVariesBegin || text[at] == kVariesEnd) is_marked = text[at] == kVariesBegin;
    out += text[at++];
  }
  return out;
}

std::string shown(std::string_view text) { return replace_marks(text, "", ""); }

std::string as_golden(std::string_view text) {
  return replace_marks(text, kGoldenBegin, kGoldenEnd);
}

std::string without_varying(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t begin = text.find(kGoldenBegin);
    out += text.substr(0, begin);
    if (begin == std::string_view::npos) break;
    const std::size_t end = text.find(kGoldenEnd, begin);
    if (end == std::string_view::npos) break;
    if (text.substr(begin + kGoldenBegin.size(), 1) != "\n") out += "⟦⟧";
    text.remove_prefix(end + kGoldenEnd.size());
  }
  return out;
}

}  // namespace kit
