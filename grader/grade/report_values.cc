#include "grader/grade/report_values.h"

#include "grader/grade/report.h"
#include "grader/harness/render.h"

namespace kit::grade {
namespace {

constexpr int kWidth = 100;

// Not within a character of UTF-8: the bytes that continue one all begin with the bits 10.
std::string cut(const std::string& text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "\n... (cut: the whole of it was longer than this page takes)\n";
}

}  // namespace

Json number(double value) {
  const auto whole = static_cast<long long>(value);
  return static_cast<double>(whole) == value ? Json(whole) : Json(value);
}

std::string json_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string finding_text(const StepGrade& step, const Row& row, std::size_t max_bytes) {
  if (row.has_passed()) return "";
  // A student has no such check to run.
  const RenderContext context{row.is_own ? "" : row.reproduce, step.anchor, kWidth,
                              /*colour=*/false};
  return cut(clean_text(render_finding(row.finding, context)), max_bytes);
}

std::string sum_text(const Grade& grade) {
  std::string text = sum_line(grade) + "\n";
  for (const std::string& line : caveats(grade)) text += line + "\n";
  return text;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    unsigned group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      out += j <= count ? kDigits[group >> (18 - 6 * j) & 63] : '=';
    }
  }
  return out;
}

}  // namespace kit::grade
