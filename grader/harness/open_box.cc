#include <filesystem>

#include "grader/harness/box.h"
#include "grader/harness/evidence.h"
#include "grader/harness/process_tree.h"
#include "grader/harness/stacks.h"

namespace kit {
namespace {

class OpenBox : public Box {
 public:
  OpenBox(const RunConfig& config, const std::string& folder)
      : config_(config), folder_(folder + "/box"), reports_(folder + "/reports") {
    std::filesystem::create_directory(folder_);
    std::filesystem::create_directory(reports_);
  }

  Process& start(const std::string& program, std::vector<std::string> args,
                 StartOptions options) override {
    Launch launch;
    launch.name = program;
    launch.argv = report_command(config_.mode, reports_);
    launch.argv.push_back(config_.programs.at(program));
    launch.argv.insert(launch.argv.end(), args.begin(), args.end());
    launch.env = environment();
    launch.env.insert(options.env.begin(), options.env.end());
    launch.folder = folder_;
    launch.inherited_fds = options.inherited_fds;
    launch.cpu = options.cpu;
    launch.stop_first = options.stop_first;
    launch.on_crash = [this](pid_t pid) { note_crash(pid); };
    processes_.push_back(std::make_unique<Process>(std::move(launch)));
    return *processes_.back();
  }

  UniqueFd connect(const TcpOptions& options, Deadline deadline) override {
    return connect_tcp(options, deadline);
  }
  UniqueFd listen(const TcpOptions& options) override { return listen_tcp(options); }

  const std::string& folder() const override { return folder_; }
  const std::string& report_folder() const override { return reports_; }

  std::vector<Process*> processes() override {
    std::vector<Process*> out;
    for (const auto& process : processes_) out.push_back(process.get());
    return out;
  }

  std::string crash_stacks() override {
    std::lock_guard lock(mutex_);
    return crash_stacks_;
  }

  bool forks_without_end() override { return fork_guard_.has_killed(); }

 private:
  std::map<std::string, std::string> environment() const {
    std::map<std::string, std::string> env = report_environment(config_.mode, reports_);
    env["PATH"] = "/usr/bin:/bin";
    env["HOME"] = folder_;
    env["TMPDIR"] = folder_;
    env["LC_ALL"] = "C.UTF-8";
    // A sanitizer's runtime must come first, and Valgrind brings its own allocator.
    if (config_.mode == Mode::kPlain || config_.mode == Mode::kStress) {
      env["LD_PRELOAD"] = config_.interpose;
    }
    return env;
  }

  void note_crash(pid_t pid) {
    std::string stacks = take_stacks(pid, config_.subject_package);
    std::lock_guard lock(mutex_);
    crash_stacks_ += stacks;
  }

  const RunConfig& config_;
  const std::string folder_;
  const std::string reports_;
  std::mutex mutex_;
  std::string crash_stacks_;
  std::vector<std::unique_ptr<Process>> processes_;
  ForkGuard fork_guard_;
};

}  // namespace

std::unique_ptr<Box> make_open_box(const RunConfig& config, const std::string& folder) {
  return std::make_unique<OpenBox>(config, folder);
}

}  // namespace kit
