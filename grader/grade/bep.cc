#include "grader/grade/bep.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace kit::grade {
namespace {

using Json = nlohmann::json;

// Enough for the compiler's first error and what leads to it.
constexpr std::size_t kMaxErrorText = 64 * 1024;

// A member, or an empty value of its kind when it is left out, as the stream does with what is
// empty.
const Json& member(const Json& json, const char* key) {
  static const Json kNothing = Json::object();
  const auto found = json.is_object() ? json.find(key) : json.end();
  return found != json.end() ? *found : kNothing;
}

std::string text_of(const Json& json, const char* key) {
  const Json& value = member(json, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::string plain_label(std::string label) {
  const std::size_t begin = label.find("//");
  if (begin != std::string::npos && label.find_first_not_of('@') == begin) label.erase(0, begin);
  return label;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// The path of a file:// URI; empty for one of another kind.
std::string path_of(const std::string& uri) {
  constexpr std::string_view kScheme = "file://";
  if (!uri.starts_with(kScheme)) return {};
  std::string path;
  for (std::size_t i = kScheme.size(); i < uri.size(); ++i) {
    const bool is_escape = uri[i] == '%' && i + 2 < uri.size() && hex_value(uri[i + 1]) >= 0 &&
                           hex_value(uri[i + 2]) >= 0;
    path +=
        is_escape ? static_cast<char>(hex_value(uri[i + 1]) * 16 + hex_value(uri[i + 2])) : uri[i];
    if (is_escape) i += 2;
  }
  return path;
}

std::string read_bounded(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(kMaxErrorText, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace

std::vector<TargetOutcome> BepReader::read_line(std::string_view line) {
  const Json event = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  const Json& id = member(event, "id");
  if (event.contains("workspaceInfo"))
    exec_root_ = text_of(event["workspaceInfo"], "localExecRoot");
  if (event.contains("started")) bazel_version_ = text_of(event["started"], "buildToolVersion");
  if (event.contains("namedSetOfFiles")) {
    sets_[text_of(member(id, "namedSet"), "id")] = event["namedSetOfFiles"];
  }
  if (event.contains("action")) store_action(id, event["action"]);
  if (id.contains("targetCompleted")) return {completed_target(event)};
  if (!event.contains("aborted") || !id.contains("pattern")) return {};
  // A target that does not exist, or a package that cannot be read, has no other event than this.
  std::vector<TargetOutcome> unknown;
  for (const Json& pattern : member(id["pattern"], "pattern")) {
    TargetOutcome outcome;
    outcome.label = plain_label(pattern.get<std::string>());
    outcome.is_unknown = true;
    const std::string description = text_of(event["aborted"], "description");
    outcome.message = description.substr(0, description.find('\n'));
    unknown.push_back(outcome);
  }
  return unknown;
}

void BepReader::store_action(const Json& id, const Json& action) {
  if (action.value("success", false)) return;
  const Json& action_id = member(id, "actionCompleted");
  FailedAction failed;
  failed.label = plain_label(text_of(action_id, "label"));
  failed.mnemonic = text_of(action, "type");
  failed.primary_output = text_of(action_id, "primaryOutput");
  failed.message = text_of(member(action, "failureDetail"), "message");
  // Now, not later: the next build removes the file.
  failed.error_text = read_bounded(path_of(text_of(member(action, "stderr"), "uri")));
  actions_[id.dump()] = failed;
}

TargetOutcome BepReader::completed_target(const Json& event) const {
  const Json& completed = member(event, "completed");
  TargetOutcome outcome;
  outcome.label = plain_label(text_of(event["id"]["targetCompleted"], "label"));
  outcome.is_built = completed.value("success", false);
  outcome.message = text_of(member(completed, "failureDetail"), "message");
  if (outcome.message.empty()) outcome.message = text_of(member(event, "aborted"), "description");
  for (const Json& group : member(completed, "outputGroup")) {
    if (text_of(group, "name") == "default")
      collect_files(member(group, "fileSets"), outcome.files);
  }
  if (!outcome.is_built) collect_causes(member(event, "children"), outcome);
  return outcome;
}

void BepReader::collect_files(const Json& file_sets, std::vector<std::string>& files) const {
  for (const Json& reference : file_sets) {
    const auto found = sets_.find(text_of(reference, "id"));
    if (found == sets_.end()) continue;
    for (const Json& file : member(found->second, "files")) {
      files.push_back(path_of(text_of(file, "uri")));
    }
    collect_files(member(found->second, "fileSets"), files);
  }
}

void BepReader::collect_causes(const Json& children, TargetOutcome& outcome) const {
  for (const Json& child : children) {
    const auto action = actions_.find(child.dump());
    if (action != actions_.end()) outcome.causes.push_back(action->second);
    for (const char* kind : {"unconfiguredLabel", "configuredLabel"}) {
      if (!child.contains(kind)) continue;
      outcome.cause_labels.push_back(plain_label(text_of(child[kind], "label")));
    }
  }
}

}  // namespace kit::grade
