// How long a check may take: a multiple of what the reference takes, on a machine as fast as this
// one.
//
// grader/<lab>/calibration.json keeps, for each mode and check, the seconds of the reference, and
// how long a fixed piece of work took on the machine where that was measured (it is written by
// `bazel run //grader:calibrate -- <lab>`). The same work is measured here, and the ratio is how
// much slower this machine is at this moment. That work is short and mostly waits, and the kernel
// lets such work pass; a check is longer. So it counts, too, how many there are who want a
// processor.
#ifndef GRADER_HARNESS_CALIBRATION_H_
#define GRADER_HARNESS_CALIBRATION_H_

#include <cstdint>
#include <map>
#include <string>

#include "grader/harness/run_config.h"

namespace kit {

// The load of the last minute for each processor; see getloadavg(3). 0 when it is not known.
double crowding_now();

class Calibration {
 public:
  // `path` may be "", when nothing was measured. Throws std::runtime_error, which names the file.
  // `crowding`: how many there are for each processor.
  Calibration(const std::string& path, Mode mode, double crowding = crowding_now());

  // The limit for one check of the mode.
  std::int64_t limit_ms(const std::string& check) const;

  // This machine, now, against a plain run where the reference was measured; at least 1.
  double slowness() const { return slowness_; }

 private:
  const Mode mode_;
  double slowness_ = 1;
  std::map<std::string, double> seconds_;
};

// How long the fixed piece of work takes here: the best of a few tries.
double measure_work_ms();

}  // namespace kit

#endif  // GRADER_HARNESS_CALIBRATION_H_
