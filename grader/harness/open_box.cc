#include <signal.h>

#include <filesystem>
#include <optional>

#include "grader/harness/box.h"
#include "grader/harness/debugger.h"
#include "grader/harness/evidence.h"
#include "grader/harness/jail.h"
#include "grader/harness/process_tree.h"
#include "grader/harness/stacks.h"
#include "grader/harness/watch.h"

namespace kit {
namespace {

constexpr int kKillMs = 20'000;

std::vector<std::string> files_of(const RunConfig& config) {
  std::vector<std::string> files = {config.interpose};
  for (const auto& [name, path] : config.programs) files.push_back(path);
  return files;
}

class ProcessBox : public Box {
 public:
  ProcessBox(const RunConfig& config, const std::string& folder, bool with_gdb)
      : config_(config),
        jail_(Jail::is_wanted() ? std::make_unique<Jail>(files_of(config), folder) : nullptr),
        folder_(jail_ ? jail_->folder() : folder + "/box"),
        reports_(jail_ ? jail_->report_folder() : folder + "/reports"),
        with_gdb_(with_gdb) {
    std::filesystem::create_directories(folder_);
    std::filesystem::create_directories(reports_);
  }

  Process& start(const std::string& program, std::vector<std::string> args,
                 StartOptions options) override {
    // A check's own watch comes first.
    if (is_interposed() && options.env.count("KIT_WATCH_FD") == 0) {
      options = watch_.apply(std::move(options));
      options.env["KIT_WATCH_LOCKS"] = "0";
    }
    Launch launch;
    launch.name = program;
    // A program of the solution is not the one to accuse, or to debug. As it is handed out it is
    // linked statically, and of such a C library Valgrind says what is not so.
    const bool is_judged = !config_.is_reference(program);
    const bool is_debugged = with_gdb_ && !debugger_ && is_judged;
    if (is_judged && (!is_debugged || can_debug())) {
      launch.argv = report_command(config_.mode, reports_);
    }
    launch.argv.push_back(path_of(config_.programs.at(program)));
    launch.argv.insert(launch.argv.end(), args.begin(), args.end());
    launch.env = environment();
    launch.env.insert(options.env.begin(), options.env.end());
    if (with_gdb_) launch.env["KIT_CRASH_STOP"] = "0";  // gdb stops it, and is better at it
    launch.folder = folder_;
    launch.jail = jail_.get();
    if (jail_) jail_->hand_over();
    launch.inherited_fds = options.inherited_fds;
    launch.cpu = options.cpu;
    launch.descriptors = options.descriptors;
    launch.stop_first = is_debugged;
    launch.on_crash = [this](pid_t pid) { note_crash(pid); };
    auto process = std::make_unique<Process>(std::move(launch));
    // setarch becomes the program in this mode.
    if (is_debugged) debug(*process, config_.mode == Mode::kTsan ? 2 : 1);
    std::lock_guard lock(mutex_);
    return *processes_.emplace_back(std::move(process));
  }

  void wait_for_debugger() override {
    if (debugger_) debugger_->wait();
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

  std::vector<WatchEvent> take_events() override { return watch_.take_unplaced_events(); }

  bool forks_without_end() override { return fork_guard_.has_killed(); }

 private:
  // Under Valgrind, gdb would see Valgrind: the program is then debugged without it.
  bool can_debug() const { return config_.mode != Mode::kMemcheck; }

  // When gdb has ended, so may the check, by Ctrl-C like any program (see run_ordered_check).
  void debug(Process& process, int execs) {
    debugger_.emplace(process.pid(), execs, [&process] {
      process.signal(SIGCONT);
      signal(SIGINT, SIG_DFL);
    });
  }

  std::string path_of(const std::string& file) const { return jail_ ? jail_->path_of(file) : file; }

  bool is_interposed() const {
    return config_.mode == Mode::kPlain || config_.mode == Mode::kStress;
  }

  std::map<std::string, std::string> environment() const {
    std::map<std::string, std::string> env = report_environment(config_.mode, reports_);
    env["PATH"] = "/usr/bin:/bin";
    env["HOME"] = folder_;
    env["TMPDIR"] = folder_;
    env["LC_ALL"] = "C.UTF-8";
    // A sanitizer's runtime must come first, and Valgrind brings its own allocator.
    if (is_interposed()) env["LD_PRELOAD"] = path_of(config_.interpose);
    return env;
  }

  // The groups first: that ends a plain fork bomb in a moment.
  void kill_all() {
    if (jail_) jail_->kill_all();
    std::set<pid_t> awaited;
    {
      std::lock_guard lock(mutex_);
      for (const auto& process : processes_) {
        process->signal_group(SIGKILL);
        awaited.insert(process->pid());
      }
    }
    kill_descendants(Deadline::after_ms(kKillMs));
    // They count as processes, too, for whoever looks next.
    reap_orphans(awaited);
  }

  void note_crash(pid_t pid) {
    std::string stacks = take_stacks(pid, config_.own_code);
    std::lock_guard lock(mutex_);
    crash_stacks_ += stacks;
  }

  const RunConfig& config_;
  const std::unique_ptr<Jail> jail_;  // of a submission; null on the student's own machine
  const std::string folder_;
  const std::string reports_;
  const bool with_gdb_;
  std::mutex
      mutex_;  // guards crash_stacks_, and that processes_ does not grow while it is gone through
  std::string crash_stacks_;
  std::vector<std::unique_ptr<Process>> processes_;
  Watch watch_;
  std::optional<Debugger> debugger_;
  ForkGuard fork_guard_{max_processes(), [this] { kill_all(); }};
};

}  // namespace

std::unique_ptr<Box> make_box(const RunConfig& config, const std::string& folder, bool with_gdb) {
  return std::make_unique<ProcessBox>(config, folder, with_gdb);
}

}  // namespace kit
