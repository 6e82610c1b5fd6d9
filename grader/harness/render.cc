#include "grader/harness/render.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace kit {
namespace {

// A sanitizer's report fits; what a subject printed without end does not have to.
constexpr int kMaxEvidenceLines = 60;

constexpr std::string_view kBold = "\033[1m";
constexpr std::string_view kRed = "\033[1;31m";
constexpr std::string_view kGreen = "\033[1;32m";
constexpr std::string_view kYellow = "\033[1;33m";
constexpr std::string_view kReset = "\033[0m";

std::string painted(std::string_view text, std::string_view colour, bool wanted) {
  if (!wanted) return std::string(text);
  return std::string(colour) + std::string(text) + std::string(kReset);
}

std::string_view colour_of(Status status) {
  if (status == Status::kPassed) return kGreen;
  if (status == Status::kSkipped || status == Status::kNotGradable) return kYellow;
  return kRed;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

bool is_wide(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && (byte & 0xc0) != 0x80;
}

// Where to break `line` so that its first part takes at most `room` columns: at a space, or, when
// one word is longer than that, after the word.
std::size_t break_at(std::string_view line, int room) {
  int column = 0;
  std::size_t last_space = std::string_view::npos;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == ' ') last_space = i;
    column += is_wide(line[i]) ? 1 : 0;
    if (column > room && last_space != std::string_view::npos) return last_space;
  }
  return column > room ? last_space : std::string_view::npos;
}

void wrap_line(std::string_view line, int width, int indent, std::string& out) {
  const std::size_t lead = std::min(line.find_first_not_of(' '), line.size());
  const std::string margin(indent + lead, ' ');
  line.remove_prefix(lead);
  const int room = width > 0 ? std::max(20, width - static_cast<int>(margin.size())) : 0;
  if (line.empty()) out += '\n';
  while (!line.empty()) {
    const std::size_t cut = room > 0 ? break_at(line, room) : std::string_view::npos;
    out.append(margin).append(line.substr(0, cut)).append("\n");
    if (cut == std::string_view::npos) return;
    line.remove_prefix(std::min(line.find_first_not_of(' ', cut), line.size()));
  }
}

// The text's first lines; says how many were left out.
std::string bounded(std::string_view text, int max_lines) {
  const auto lines = lines_of(text);
  if (static_cast<int>(lines.size()) <= max_lines) return std::string(text);
  std::string out;
  for (int i = 0; i < max_lines; ++i) out.append(lines[i]).append("\n");
  const std::size_t more = lines.size() - static_cast<std::size_t>(max_lines);
  return with_closed_mark(std::move(out)) + "(and " + std::to_string(more) + " more lines)";
}

// Reports and call lists have lines of their own, which stay as they are; prose is broken.
struct Section {
  std::string_view title;
  std::string text;
  bool is_prose = true;
};

std::string_view without_blank_end(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \n") + 1);
}

std::string render_sections(const std::vector<Section>& sections, int width, bool colour,
                            int indent) {
  std::string out;
  for (const Section& section : sections) {
    if (without_blank_end(section.text).empty()) continue;
    out.append(indent, ' ').append(painted(section.title, kBold, colour)).append("\n");
    out += wrap(without_blank_end(section.text), section.is_prose ? width : 0, indent + 2);
  }
  return out;
}

std::vector<Section> what_happened(const Finding& finding) {
  return {{"What was done", finding.did, false},
          {"Expected", finding.expected},
          {"Observed", finding.observed},
          {"Why it matters", finding.why}};
}

Section evidence_of(const Finding& finding) {
  return {"Evidence", bounded(finding.evidence, kMaxEvidenceLines), false};
}

std::string first_line(std::string_view text) {
  for (std::string_view line : lines_of(text)) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin != std::string_view::npos) return std::string(line.substr(begin));
  }
  return {};
}

}  // namespace

std::string_view status_phrase(Status status) {
  switch (status) {
    case Status::kNotBuilt:
      return "does not compile";
    case Status::kRaced:
      return "data race";
    case Status::kDeadlocked:
      return "deadlock";
    case Status::kNotGradable:
      return "not gradable";
    default:
      return status_name(status);
  }
}

std::string render_finding(const Finding& finding, const RenderContext& context) {
  std::string out = finding.check + ": ";
  out += painted(status_phrase(finding.status), colour_of(finding.status), context.colour) + "\n";
  std::vector<Section> sections = what_happened(finding);
  sections.push_back({"Where", finding.where});
  sections.push_back(evidence_of(finding));
  sections.push_back({"Hint", finding.hint});
  sections.push_back({"Read", context.anchor, false});
  sections.push_back({"Run just this", context.reproduce_command, false});
  return out + render_sections(sections, context.width, context.colour, 2);
}

std::string render_message(const Finding& finding, int width) {
  std::vector<Section> sections = what_happened(finding);
  sections.push_back(evidence_of(finding));
  return render_sections(sections, width, false, 0);
}

std::string render_brief(const Finding& finding, int width) {
  std::string text;
  for (const std::string* part : {&finding.observed, &finding.evidence, &finding.hint}) {
    if (text.empty()) text = first_line(*part);
  }
  // A compiler's line begins with its place already.
  if (!finding.where.empty() && shown(text).find(shown(finding.where)) == std::string::npos) {
    text = finding.where + (text.empty() ? "" : ": ") + text;
  }
  if (width <= 0 || columns(text) <= width) return text;
  std::string cut;
  int column = 0;
  for (char c : shown(text)) {
    column += is_wide(c) ? 1 : 0;
    if (column > width - 3) break;
    cut += c;
  }
  return cut + "...";
}

std::string wrap(std::string_view text, int width, int indent) {
  std::string out;
  for (std::string_view line : lines_of(text)) wrap_line(line, width, indent, out);
  return out;
}

int columns(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), is_wide));
}

}  // namespace kit
