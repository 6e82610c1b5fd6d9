#include "grader/explore/driver/svg.h"

#include <algorithm>
#include <sstream>
#include <vector>

namespace kit::explore {
namespace {

constexpr int kRowHeight = 22;
constexpr int kTop = 44;
constexpr int kLeft = 52;
constexpr int kLetterWidth = 7;  // of the monospaced font below, at 12 pixels, and a little more
constexpr int kPadding = 24;
constexpr std::size_t kMaxWhat = 34;
constexpr std::size_t kMaxSource = 72;

// Colours that tell apart with a weakness for red and green too (Okabe and Ito).
constexpr const char* kColours[] = {"#0072B2", "#D55E00", "#009E73",
                                    "#CC79A7", "#56B4E9", "#E69F00"};
constexpr int kColourCount = 6;
constexpr const char* kAlarm = "#B00020";

constexpr char kStyle[] =
    "<style>text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#222}"
    ".head{font-weight:bold}.dim{fill:#777}.in{fill:#fff}.alarm{fill:#B00020;font-weight:bold}</"
    "style>";

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char letter : text) {
    switch (letter) {
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '&':
        safe += "&amp;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += static_cast<unsigned char>(letter) < 32 ? ' ' : letter;
    }
  }
  return safe;
}

std::string shortened(const std::string& text, std::size_t length) {
  return text.size() <= length ? text : text.substr(0, length - 3) + "...";
}

class Picture {
 public:
  explicit Picture(const Timeline& timeline) : timeline_(timeline) {
    columns_ = static_cast<int>(timeline.columns.size());
    measure();
    int rows = static_cast<int>(timeline.rows.size()) + 2;
    for (const Row& row : timeline.rows) rows += row.is_after_preemption ? 1 : 0;
    height_ = kTop + rows * kRowHeight;
  }

  std::string draw() {
    svg_ << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << width_ << "\" height=\""
         << height_ << "\" viewBox=\"0 0 " << width_ << ' ' << height_ << "\">" << kStyle
         << "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>";
    heads();
    for (const Row& row : timeline_.rows) draw_row(row);
    ends();
    svg_ << "</svg>\n";
    return svg_.str();
  }

 private:
  // Each column is as wide as what stands in it.
  void measure() {
    std::vector<std::size_t> letters(timeline_.columns.size());
    std::size_t source = 0;
    const auto widen = [&](std::size_t column, const std::string& text) {
      letters[column] = std::max(letters[column], std::min(text.size(), kMaxWhat));
    };
    for (std::size_t i = 0; i < letters.size(); ++i) {
      widen(i, timeline_.columns[i]);
      widen(i, timeline_.end[i]);
    }
    for (const Row& row : timeline_.rows) {
      widen(static_cast<std::size_t>(row.column), row.what);
      source = std::max(source, std::min(kMaxSource, row.place.size() + 2 + row.source.size()));
      if (row.is_after_preemption) source = std::max(source, std::size_t{46});
    }
    left_.push_back(kLeft);
    for (const std::size_t count : letters) {
      left_.push_back(left_.back() + kPadding + static_cast<int>(count) * kLetterWidth);
    }
    width_ = left_.back() + kPadding + static_cast<int>(source) * kLetterWidth;
  }

  int middle(int column) const { return (left_[column] + left_[column + 1]) / 2; }
  int source_left() const { return left_.back() + 8; }
  const char* colour(int column) const { return kColours[column % kColourCount]; }

  void text(int x, int y, const char* style, const std::string& what,
            const char* anchor = "start") {
    svg_ << "<text x=\"" << x << "\" y=\"" << y << "\" class=\"" << style << "\" text-anchor=\""
         << anchor << "\">" << escaped(what) << "</text>";
  }
  void line(int x1, int y1, int x2, int y2, const char* stroke, const char* more = "") {
    svg_ << "<line x1=\"" << x1 << "\" y1=\"" << y1 << "\" x2=\"" << x2 << "\" y2=\"" << y2
         << "\" stroke=\"" << stroke << "\" " << more << "/>";
  }

  void heads() {
    for (int i = 0; i < columns_; ++i) {
      text(middle(i), 22, "head", timeline_.columns[i], "middle");
      line(middle(i), 30, middle(i), height_ - 2 * kRowHeight, "#ddd", "stroke-width=\"2\"");
    }
    text(source_left(), 22, "head", "source");
    text(4, 22, "head", "step");
  }

  // The switch that interrupts has a row of its own: from the thread that was left to the one that
  // goes on.
  void draw_preemption(const Row& row) {
    const int y = y_ + kRowHeight / 2;
    line(middle(last_column_), y, middle(row.column), y, kAlarm,
         "stroke-width=\"2\" stroke-dasharray=\"5 3\"");
    svg_ << "<circle cx=\"" << middle(row.column) << "\" cy=\"" << y << "\" r=\"4\" fill=\""
         << kAlarm << "\"/>";
    text(source_left(), y + 4, "alarm",
         timeline_.columns[last_column_] + " is interrupted, " + timeline_.columns[row.column] +
             " goes on");
    y_ += kRowHeight;
  }

  void draw_row(const Row& row) {
    if (row.is_after_preemption && row.column != last_column_) draw_preemption(row);
    if (row.column != last_column_ && !row.is_after_preemption) {
      line(middle(last_column_), y_ + 2, middle(row.column), y_ + 2, "#bbb",
           "stroke-dasharray=\"2 3\"");
    }
    const int left = left_[row.column] + 4;
    svg_ << "<rect x=\"" << left << "\" y=\"" << y_ + 2 << "\" width=\""
         << left_[row.column + 1] - left_[row.column] - 8 << "\" height=\"" << kRowHeight - 4
         << "\" rx=\"4\" fill=\"" << colour(row.column) << "\"/>";
    text(middle(row.column), y_ + 15, "in", shortened(row.what, kMaxWhat), "middle");
    text(4, y_ + 15, "dim", std::to_string(row.step));
    text(source_left(), y_ + 15, "", shortened(row.place + "  " + row.source, kMaxSource));
    last_column_ = row.column;
    y_ += kRowHeight;
  }

  void ends() {
    for (int i = 0; i < columns_; ++i) {
      const std::string& end = timeline_.end[i];
      const bool waits = end.rfind("waits", 0) == 0 || end.rfind("it failed", 0) == 0;
      text(middle(i), y_ + 18, waits ? "alarm" : "dim", shortened(timeline_.end[i], kMaxWhat),
           "middle");
    }
    text(4, y_ + 18, "head", "end");
  }

  const Timeline& timeline_;
  std::ostringstream svg_;
  std::vector<int> left_;  // of each column, and of what is right of the last
  int columns_ = 0;
  int width_ = 0;
  int height_ = 0;
  int y_ = kTop;
  int last_column_ = 0;
};

}  // namespace

std::string render_svg(const Timeline& timeline) { return Picture(timeline).draw(); }

}  // namespace kit::explore
