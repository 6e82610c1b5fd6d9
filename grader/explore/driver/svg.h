// The timeline as a picture, to stand by itself or in an HTML page.
//
// Errors: none. Thread-safety: none.
#ifndef GRADER_EXPLORE_DRIVER_SVG_H_
#define GRADER_EXPLORE_DRIVER_SVG_H_

#include <string>

#include "grader/explore/driver/timeline.h"

namespace kit::explore {

std::string render_svg(const Timeline& timeline);

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_DRIVER_SVG_H_
