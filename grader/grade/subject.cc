#include "grader/grade/subject.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <vector>

#include "grader/grade/errors.h"

namespace kit::grade {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

template <typename Number>
Number number_of(std::string_view text, const std::string& token) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw UsageError("'" + std::string(text) + "' in the token '" + token + "' is not a number");
  }
  return value;
}

// Takes what stands before the next '/', and the '/'.
std::string take_field(std::string_view& rest, const std::string& token) {
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) {
    throw UsageError(
        "'" + token +
        "' is not a token; a report gives them, in the form LAB/SUBJECT/STEP/MODE/CHECK/SEED");
  }
  const std::string field(rest.substr(0, slash));
  rest.remove_prefix(slash + 1);
  return field;
}

// Two hashes of 16 digits: it goes on to a command line.
std::string interleaving_of(std::string_view field, const std::string& token) {
  const bool is_one = field.size() == 33 && field[16] == '-' &&
                      field.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
  if (!is_one)
    throw UsageError("'" + token + "' is not a token: what stands behind the @ is cut off");
  return std::string(field);
}

}  // namespace

Subject subject_of_word(const Manifest& manifest, const std::string& word) {
  const std::string grader = manifest.runs_package();
  const std::string& lab = manifest.lab_package;
  const std::string& solution = manifest.solution_package;
  if (word == "lab") return {"//" + lab, word, lab, grader + ":lab", lab};
  if (word == "solution") return {"//" + solution, word, solution, grader + ":solution", solution};
  if (!is_name(word)) throw UsageError("'" + word + "' is not the name of a subject");
  if (!manifest.own_checks.empty()) {
    throw UsageError("with --checks the lab, the solution and submissions can be graded, not " +
                     word);
  }
  const std::string path = manifest.lab + "/" + word;
  return {"@subjects//" + path, word, "external/subjects/" + path, grader + "/mutants:" + word,
          lab};
}

Subject subject_of_label(const Manifest& manifest, std::string label) {
  while (label.ends_with('/')) label.pop_back();
  const Subject lab = subject_of_word(manifest, "lab");
  const Subject solution = subject_of_word(manifest, "solution");
  if (label.empty() || label == lab.label) return lab;
  if (label == solution.label) return solution;
  const std::string mutants = "@subjects//" + manifest.lab + "/";
  if (label.starts_with(mutants) && is_name(label.substr(mutants.size()))) {
    return subject_of_word(manifest, label.substr(mutants.size()));
  }
  throw UsageError("there is no subject '" + label + "' of the lab " + manifest.lab + "; it is " +
                   lab.label + ", " + solution.label + " or " + mutants + "<mutant>");
}

std::string format_token(const Token& token) {
  return token.lab + "/" + token.subject_word + "/" + std::to_string(token.step) + "/" +
         token.mode + "/" + token.check + "/" + std::to_string(token.seed) +
         (token.interleaving.empty() ? "" : "@" + token.interleaving);
}

Token parse_token(const std::string& text) {
  Token token;
  std::string_view rest = text;
  token.lab = take_field(rest, text);
  token.subject_word = take_field(rest, text);
  token.step = number_of<int>(take_field(rest, text), text);
  token.mode = take_field(rest, text);
  // The name of a GoogleTest check with parameters has slashes of its own.
  const std::size_t slash = std::min(rest.rfind('/'), rest.size());
  token.check = rest.substr(0, slash);
  rest.remove_prefix(std::min(slash + 1, rest.size()));
  const std::size_t at = std::min(rest.find('@'), rest.size());
  token.seed = number_of<std::uint64_t>(rest.substr(0, at), text);
  if (at < rest.size()) token.interleaving = interleaving_of(rest.substr(at + 1), text);
  return token;
}

std::string reproduce_command(const Token& token) {
  return "bazel run //grader -- reproduce " + format_token(token);
}

}  // namespace kit::grade
