// Reads real reports (testdata/, made by GCC 12 and Valgrind 3.19 of a program labs/x/store.cc).
#include "grader/harness/evidence.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace kit {
namespace {

namespace fs = std::filesystem;

const OwnCode kOwn = {{"labs/x"}};

// A folder of reports, as the programs of a check leave them.
class Reports {
 public:
  Reports() { fs::create_directory(folder_); }
  ~Reports() { fs::remove_all(folder_); }

  Reports& add(const std::string& file, const std::string& as) {
    fs::copy("grader/harness/testdata/" + file, folder_ / as);
    return *this;
  }
  std::optional<Evidence> read() const { return read_evidence(folder_, kOwn); }

 private:
  const fs::path folder_ = fs::path(std::getenv("TEST_TMPDIR")) / "reports";
};

Evidence evidence_of(const std::string& file) {
  const std::string as = file.find(".xml") == std::string::npos ? "sanitizer.17" : "valgrind.17";
  return Reports().add(file, as).read().value();
}

TEST(Evidence, NoneInAnEmptyFolder) { EXPECT_EQ(Reports().read(), std::nullopt); }

TEST(Evidence, UseAfterFree) {
  const Evidence evidence = evidence_of("asan_use_after_free.txt");
  EXPECT_EQ(evidence.status, Status::kCrashed);
  EXPECT_EQ(evidence.summary, "AddressSanitizer: heap-use-after-free");
  EXPECT_EQ(evidence.where, "labs/x/store.cc:14");
  const std::string report = shown(evidence.report);
  EXPECT_NE(report.find("freed by thread T0 here:"), std::string::npos) << report;
  EXPECT_NE(report.find("labs/x/store.cc:13"), std::string::npos) << report;
  EXPECT_EQ(report.find("libc_start"), std::string::npos) << report;
  EXPECT_EQ(report.find("Shadow"), std::string::npos) << report;
}

TEST(Evidence, LibraryFunctionThatWasGivenTooMuchIsNamed) {
  const Evidence evidence = evidence_of("asan_copy.txt");
  EXPECT_EQ(evidence.summary, "AddressSanitizer: heap-buffer-overflow");
  EXPECT_EQ(evidence.where, "labs/x/store.cc:31");
  EXPECT_NE(evidence.report.find("in memset"), std::string::npos) << evidence.report;
}

TEST(Evidence, SignedOverflow) {
  const Evidence evidence = evidence_of("ubsan_overflow.txt");
  EXPECT_EQ(evidence.status, Status::kCrashed);
  EXPECT_EQ(evidence.summary.rfind("UndefinedBehaviorSanitizer: signed integer overflow", 0), 0u);
  EXPECT_EQ(evidence.where, "labs/x/store.cc:18");
}

TEST(Evidence, LeakOfASanitizer) {
  const Evidence evidence = evidence_of("lsan_leak.txt");
  EXPECT_EQ(evidence.status, Status::kLeaked);
  EXPECT_EQ(evidence.where, "labs/x/store.cc:21");
}

TEST(Evidence, RaceShowsBothSides) {
  const Evidence evidence = evidence_of("tsan_race.txt");
  EXPECT_EQ(evidence.status, Status::kRaced);
  EXPECT_EQ(evidence.summary, "ThreadSanitizer: data race");
  const std::string report = shown(evidence.report);
  EXPECT_NE(report.find("labs/x/store.cc:26"), std::string::npos) << report;
  EXPECT_NE(report.find("labs/x/store.cc:25"), std::string::npos) << report;
}

TEST(Evidence, InvalidReadOfValgrind) {
  const Evidence evidence = evidence_of("valgrind_use_after_free.xml");
  EXPECT_EQ(evidence.status, Status::kCrashed);
  EXPECT_EQ(evidence.summary, "Valgrind: Invalid read of size 4");
  EXPECT_NE(evidence.where.find("labs/x/store.cc:14"), std::string::npos);
}

TEST(Evidence, LeakOfValgrind) {
  const Evidence evidence = evidence_of("valgrind_leak.xml");
  EXPECT_EQ(evidence.status, Status::kLeaked);
  EXPECT_NE(evidence.summary.find("definitely lost"), std::string::npos) << evidence.summary;
  EXPECT_EQ(evidence.summary.find("loss record"), std::string::npos) << evidence.summary;
}

TEST(Evidence, CrashOutranksARaceAndARaceALeak) {
  Reports reports;
  reports.add("lsan_leak.txt", "sanitizer.1").add("tsan_race.txt", "sanitizer.2");
  EXPECT_EQ(reports.read().value().status, Status::kRaced);
  reports.add("ubsan_overflow.txt", "sanitizer.3");
  EXPECT_EQ(reports.read().value().status, Status::kCrashed);
}

TEST(Evidence, ReportOfAProcessThatWasKilledIsReadAsFarAsItGoes) {
  Reports reports;
  reports.add("valgrind_use_after_free.xml", "valgrind.5");
  const fs::path file = fs::path(std::getenv("TEST_TMPDIR")) / "reports/valgrind.5";
  fs::resize_file(file, fs::file_size(file) - 20);
  ASSERT_TRUE(reports.read());
  EXPECT_EQ(reports.read()->status, Status::kCrashed);
}

TEST(Evidence, AddressesVary) {
  const Evidence evidence = evidence_of("asan_use_after_free.txt");
  EXPECT_EQ(as_golden(evidence.report).find(" 0x"), std::string::npos)
      << as_golden(evidence.report);
}

TEST(ReportStatus, OfTheSanitizersAndOfValgrind) {
  EXPECT_TRUE(is_report_status(86));
  EXPECT_TRUE(is_report_status(97));
  EXPECT_FALSE(is_report_status(0));
  EXPECT_FALSE(is_report_status(1));
}

}  // namespace
}  // namespace kit
