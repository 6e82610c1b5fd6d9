#include "grader/grade/build_failure.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace kit::grade {
namespace {

constexpr int kEvidenceLines = 25;

// The compiler itself failed: no word on the code.
constexpr std::array<std::string_view, 4> kMachineTroubles = {
    "No space left on device", "internal compiler error", "Killed signal terminated",
    "Cannot allocate memory"};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// Without control characters: a source line that the compiler quotes may hold any.
std::string cleaned(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\n' || c == '\t' || static_cast<unsigned char>(c) >= 0x20) out += c == '\t' ? ' ' : c;
  }
  return out;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string_view without_dot_slash(std::string_view path) {
  return path.starts_with("./") ? path.substr(2) : path;
}

// "file:12:" or "file:12:3:" at the beginning of a line.
std::optional<CompilerError> place_of(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 || contains(line.substr(0, colon), " "))
    return {};
  int number = 0;
  const char* begin = line.data() + colon + 1;
  const auto [end, error] = std::from_chars(begin, line.data() + line.size(), number);
  if (error != std::errc() || end == begin || end == line.data() + line.size() || *end != ':')
    return {};
  return CompilerError{std::string(without_dot_slash(line.substr(0, colon))), number,
                       std::string(line)};
}

bool is_error(std::string_view line) {
  return contains(line, " error: ") || contains(line, " fatal error: ") ||
         contains(line, "undefined reference to") || contains(line, "multiple definition of");
}

bool is_below(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

bool is_students(std::string_view path, const Subject& subject) {
  return is_below(path, subject.folder) || is_below(path, "labs/support");
}

std::string folder_of_label(const std::string& label) {
  std::string folder = label.substr(0, label.find(':'));
  if (folder.starts_with("//")) return folder.substr(2);
  const std::size_t slashes = folder.find("//");
  if (slashes == std::string::npos) return folder;
  const std::size_t name = folder.find_first_not_of('@');
  return "external/" + folder.substr(name, slashes - name) + "/" + folder.substr(slashes + 2);
}

bool is_students_label(const std::string& label, const Subject& subject) {
  return is_students(folder_of_label(label) + "/", subject);
}

// The first line of the output that lies in the student's files: where a template of the standard
// library was used wrongly, the error itself lies in the library.
std::optional<CompilerError> first_own_place(std::string_view output, const Subject& subject) {
  for (std::string_view line : lines_of(output)) {
    const auto place = place_of(line);
    if (place && is_students(place->file, subject)) return place;
  }
  return {};
}

// Where the student should look: "labs/x/ring_buffer.cc:12"; empty when the output names no file of
// theirs.
std::string own_place(const CompilerError& error, std::string_view output, const Subject& subject) {
  const bool is_own = is_students(error.file, subject);
  const auto place = is_own ? std::optional(error) : first_own_place(output, subject);
  if (!place) return {};
  std::string file = place->file;
  if (is_below(file, subject.folder)) {
    file.replace(0, subject.folder.size(), subject.shown_folder);
  }
  return file + ":" + std::to_string(place->line);
}

// What the compiler wrote, from the first error on.
std::string evidence_from_error(std::string_view output) {
  std::string text;
  int count = 0;
  for (std::string_view line : lines_of(output)) {
    if (count == 0 && !is_error(line)) continue;
    if (++count > kEvidenceLines) return text + "(the compiler said more)";
    text.append(line).append("\n");
  }
  return text;
}

Finding not_built(const std::string& observed, const Subject& subject) {
  Finding finding;
  finding.status = Status::kNotBuilt;
  finding.expected = "The code compiles.";
  finding.observed = observed;
  const std::string folder =
      subject.word == "lab" || subject.word == "solution" ? subject.label : subject.label + "/...";
  finding.hint = "Begin with this first error; later ones often follow from it. `bazel build " +
                 folder + "` shows all of what the compiler says.";
  return finding;
}

Finding of_own_error(const CompilerError& error, const std::string& output,
                     const Subject& subject) {
  Finding finding = not_built(error.text, subject);
  finding.where = own_place(error, output, subject);
  finding.evidence = evidence_from_error(output);
  return finding;
}

Finding of_probe(const CompilerError& error, const std::string& output, const Subject& subject) {
  Finding finding = not_built(
      "The grader's adapter no longer fits your header: it calls what the lab's page promises.\n" +
          error.text,
      subject);
  finding.where = own_place(error, output, subject);
  finding.why =
      "The checks can only use a class through the names and types that the lab gives it.";
  finding.evidence = evidence_from_error(output);
  finding.hint =
      "Bring the public part of the header back to what the starter had, or add what is "
      "missing to it.";
  return finding;
}

// "undefined reference to ...", without the names of object files that lead up to it.
std::string linker_word(const std::string& line) {
  for (const char* word : {"undefined reference to", "multiple definition of"}) {
    const std::size_t begin = line.find(word);
    if (begin != std::string::npos) return line.substr(begin);
  }
  return line;
}

Finding of_link(const std::string& output, const Subject& subject) {
  const std::string line = first_error(output).value_or(CompilerError{}).text;
  Finding finding =
      not_built(line.empty() ? "The program could not be linked." : linker_word(line), subject);
  const std::size_t file = line.find(subject.folder + "/");
  const auto place = place_of(std::string_view(line).substr(std::min(file, line.size())));
  if (place) finding.where = own_place(*place, output, subject);
  finding.why = "A function is declared and called, but defined nowhere (or twice).";
  finding.hint =
      "Compare its name, its parameters and its const in the header with the definition.";
  finding.evidence = evidence_from_error(output);
  return finding;
}

bool is_probe(std::string_view path) { return contains(path, "_probe"); }

Finding explain_compile(const FailedAction& action, const Subject& subject,
                        const std::string& lab) {
  const auto error = first_error(action.error_text);
  const CompilerError said = error.value_or(CompilerError{"", 0, action.message});
  // A submission's probes are built in its own package: what they object to is no error of theirs.
  const bool is_in_probe = is_probe(action.primary_output) && is_below(said.file, "grader/" + lab);
  if (!is_in_probe &&
      (is_students(said.file, subject) || is_students_label(action.label, subject))) {
    return of_own_error(said, action.error_text, subject);
  }
  if (error && is_probe(action.primary_output) &&
      (is_below(said.file, "grader/" + lab) || first_own_place(action.error_text, subject))) {
    return of_probe(said, action.error_text, subject);
  }
  return not_gradable("A part of the grader does not compile: " + said.text, action.error_text);
}

// A program is the subject's when it is built in its folder, is a probe, or lacks something that
// the subject's objects ask for. A driver has no part of the subject in it.
Finding explain_link(const FailedAction& action, const Subject& subject) {
  if (is_students_label(action.label, subject) || is_probe(action.primary_output) ||
      contains(action.error_text, "/" + subject.folder + "/")) {
    return of_link(action.error_text, subject);
  }
  return not_gradable("A part of the grader could not be linked: " + action.label,
                      action.error_text);
}

// Of //grader/submissions:boxed, which has looked at what the compiler came to: what it passes on
// is the submission's fault, and no words of the submission's make it the machine's.
Finding explain_boxed(const FailedAction& action, const Subject& subject, const std::string& lab) {
  if (action.error_text.starts_with("boxed: ")) {
    return not_gradable("The submission could not be built in its box", action.error_text);
  }
  return action.mnemonic == "BoxedCompile" ? explain_compile(action, subject, lab)
                                           : explain_link(action, subject);
}

Finding explain_action(const FailedAction& action, const Subject& subject, const std::string& lab) {
  if (action.mnemonic.starts_with("Boxed")) return explain_boxed(action, subject, lab);
  for (std::string_view trouble : kMachineTroubles) {
    if (!contains(action.error_text, trouble) && !contains(action.message, trouble)) continue;
    return not_gradable("The machine failed, not the code: " + std::string(trouble),
                        action.error_text);
  }
  if (action.mnemonic == "CppCompile") return explain_compile(action, subject, lab);
  if (action.mnemonic == "CppLink") return explain_link(action, subject);
  return not_gradable("The grader's own step " + action.label + " failed: " + action.message,
                      action.error_text);
}

// Where the student has the file.
void show_folder(std::string& text, const Subject& subject) {
  if (subject.folder == subject.shown_folder) return;
  for (std::size_t at; (at = text.find(subject.folder + "/")) != std::string::npos;) {
    text.replace(at, subject.folder.size(), subject.shown_folder);
  }
}

// An error in one of the student's own files says more than what follows from it elsewhere.
int rank_of(const Finding& finding) {
  if (finding.status != Status::kNotBuilt) return 2;
  return finding.where.empty() ? 1 : 0;
}

// Bazel's own first error that names the subject's folder: a broken BUILD file.
std::string log_line_about(const std::string& log, const Subject& subject) {
  for (std::string_view line : lines_of(log)) {
    if (line.starts_with("ERROR: ") && contains(line, subject.folder))
      return cleaned(line.substr(7));
  }
  return {};
}

Finding explain_label(const TargetOutcome& outcome, const Subject& subject,
                      const std::string& log) {
  for (const std::string& label : outcome.cause_labels) {
    if (!is_students_label(label, subject)) continue;
    const std::string said = log_line_about(log, subject);
    Finding finding =
        not_built(said.empty() ? label + " is missing or cannot be read" : said, subject);
    finding.expected = "The files and targets that the lab's BUILD file began with are there.";
    finding.hint = "Put " + label + " back, or the BUILD file as the starter had it.";
    return finding;
  }
  return not_gradable("Bazel could not build " + outcome.label +
                          (outcome.message.empty() ? "" : ": " + outcome.message),
                      log);
}

}  // namespace

std::optional<CompilerError> first_error(std::string_view output) {
  for (std::string_view line : lines_of(output)) {
    if (!is_error(line)) continue;
    const auto place = place_of(line);
    return place ? *place : CompilerError{"", 0, std::string(line)};
  }
  return {};
}

Finding explain_build_failure(const TargetOutcome& outcome, const Subject& subject,
                              const std::string& lab, const std::string& log) {
  std::vector<FailedAction> causes = outcome.causes;
  std::sort(causes.begin(), causes.end(), [](const FailedAction& a, const FailedAction& b) {
    return a.primary_output < b.primary_output;  // the same one on each run
  });
  std::vector<Finding> findings;
  for (FailedAction& cause : causes) {
    cause.error_text = cleaned(cause.error_text);
    findings.push_back(explain_action(cause, subject, lab));
  }
  if (findings.empty()) return explain_label(outcome, subject, log);
  Finding first =
      *std::min_element(findings.begin(), findings.end(),
                        [](const Finding& a, const Finding& b) { return rank_of(a) < rank_of(b); });
  show_folder(first.observed, subject);
  show_folder(first.evidence, subject);
  return first;
}

Finding not_gradable(const std::string& observed, const std::string& evidence) {
  Finding finding;
  finding.status = Status::kNotGradable;
  finding.observed = observed;
  finding.why = "This is the grader's own fault or the machine's. It costs no points.";
  finding.evidence = cleaned(evidence);
  return finding;
}

}  // namespace kit::grade
