#include "clients/gfclient_run.h"

#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cinttypes>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "labs/support/options.h"
#include "labs/support/signals.h"

namespace gfclient {
namespace {

constexpr double kProgressEvery_s = 0.1;

// With thousands of failures, the first ones tell enough.
constexpr std::uint64_t kMaxReports = 20;

double now_s() {
  timespec now{};
  static_cast<void>(::clock_gettime(CLOCK_MONOTONIC, &now));  // this clock is always there
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double megabytes_per_s(const Totals& totals) {
  return totals.elapsed_s > 0 ? static_cast<double>(totals.bytes) / 1e6 / totals.elapsed_s : 0;
}

}  // namespace

Tally::Tally(std::uint64_t requests, Listener listener)
    : requests_(requests),
      listener_(std::move(listener)),
      start_s_(now_s()),
      has_terminal_(::isatty(STDERR_FILENO) == 1) {}

void Tally::add_bytes(std::uint64_t count) {
  std::lock_guard lock(mutex_);
  totals_.bytes += count;
  changed("");
}

void Tally::add_served(const std::string& path) {
  std::lock_guard lock(mutex_);
  ++totals_.served;
  changed(path);
}

void Tally::add_failed(const std::string& path, const std::string& why) {
  std::lock_guard lock(mutex_);
  ++totals_.failed;
  changed(path);
  if (totals_.failed > kMaxReports) return;
  clear_progress();
  std::fprintf(stderr, "%s: %s\n", path.c_str(), why.c_str());
  if (totals_.failed == kMaxReports) std::fputs("further failures are only counted\n", stderr);
}

Totals Tally::finish() {
  std::lock_guard lock(mutex_);
  clear_progress();
  totals_.elapsed_s = now_s() - start_s_;
  std::printf("%" PRIu64 " served, %" PRIu64 " failed, %" PRIu64 " bytes in %.3f s, %.1f MB/s\n",
              totals_.served, totals_.failed, totals_.bytes, totals_.elapsed_s,
              megabytes_per_s(totals_));
  return totals_;
}

// The time is taken under the lock, so that it never goes back from one call to the next.
void Tally::changed(const std::string& path) {
  totals_.elapsed_s = now_s() - start_s_;
  if (listener_) listener_(totals_, path);
  if (has_terminal_ && totals_.elapsed_s - shown_s_ >= kProgressEvery_s) show_progress();
}

void Tally::show_progress() {
  shown_s_ = totals_.elapsed_s;
  std::fprintf(stderr, "\r%" PRIu64 " of %" PRIu64 " served, %" PRIu64 " failed, %.1f MB/s \033[K",
               totals_.served, requests_, totals_.failed, megabytes_per_s(totals_));
}

void Tally::clear_progress() {
  if (has_terminal_ && shown_s_ > 0) std::fputs("\r\033[K", stderr);
}

void run(const Options& options, const std::vector<std::string>& paths, Tally& tally,
         const FetchOne& fetch_one) {
  std::atomic<std::uint64_t> next{0};
  auto work = [&] {
    for (std::uint64_t number; (number = next++) < options.requests;) {
      const std::string& path = paths[number % paths.size()];
      try {
        fetch_one(path, tally);
        tally.add_served(path);
      } catch (const std::exception& error) {
        tally.add_failed(path, error.what());
      }
    }
  };
  std::vector<std::jthread> threads;  // they are joined at the end of this function
  for (std::size_t i = 0; i < options.threads; ++i) threads.emplace_back(work);
}

int run_main(const std::string& program, bool measures, int argc, char** argv,
             const std::function<Totals(const Options&, const std::vector<std::string>&)>& work) {
  try {
    Options options = parse_options(argc, argv, measures);
    if (options.help) {
      std::fputs(usage(program, measures).c_str(), stdout);
      return 0;
    }
    support::raise_descriptor_limit();
    Totals totals = work(options, load_workload(options.workload));
    return totals.failed == 0 ? 0 : 1;
  } catch (const support::UsageError& error) {
    std::fprintf(stderr, "%s: %s\n", program.c_str(), error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", program.c_str(), error.what());
    return 1;
  }
}

}  // namespace gfclient
