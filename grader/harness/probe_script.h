// For probes whose threads or processes do things in a given order: one after the other, or one
// while another is known to wait.
//
// The first argument of a call says when its turn is, counted from 1, and may say more:
//
//     @3      the third thing that happens; the fourth begins when it has returned
//     @3>     the same, but the fourth may begin at once: the call is one that waits
//     @3~B    as soon as B, too, is known to sleep in its call, or has returned from it
//     @3!B    as soon as B, too, is dead
//
// A call without such an argument is made at once. The order is kept in memory that forked
// processes share, so a Script is made with the adapter. Under the explorer, which is to choose the
// order, nobody should use one.
//
// Thread-safety: everybody may call anything. Errors: std::invalid_argument for a turn that cannot
// be read.
// Source: proc(5), "/proc/[pid]/stat".
#ifndef GRADER_HARNESS_PROBE_SCRIPT_H_
#define GRADER_HARNESS_PROBE_SCRIPT_H_

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <new>
#include <stdexcept>
#include <string>

#include "grader/harness/scenario.h"

namespace kit {

class Script {
 public:
  Script() {
    void* memory =
        ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::invalid_argument("no memory for the script");
    board_ = new (memory) Board;
  }
  ~Script() { ::munmap(board_, sizeof(Board)); }
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  // Makes the call of `who`, 'A' to 'Z', when its turn has come.
  template <typename Make>
  std::string take(char who, Words args, const Make& make) {
    if (args.empty() || args[0].empty() || args[0][0] != '@') return make(args);
    const Turn turn(args[0]);
    args.erase(args.begin());
    await(turn);
    Actor& self = actor(who);
    self.tid.store(static_cast<pid_t>(::syscall(SYS_gettid)));
    const InCall in_call(self, board_->turn, turn);
    return make(args);
  }

 private:
  struct Turn {
    explicit Turn(const std::string& text) {
      std::size_t end = 0;
      number = std::stoi(text.substr(1), &end);
      const std::string rest = text.substr(1 + end);
      if (rest == ">") passes_on = true;
      if (rest.size() == 2 && rest[0] == '~') sleeper = rest[1];
      if (rest.size() == 2 && rest[0] == '!') dead = rest[1];
    }
    int number;
    bool passes_on = false;
    char sleeper = 0;
    char dead = 0;
  };
  struct Actor {
    std::atomic<pid_t> tid{0};
    std::atomic<bool> is_in_call{false};
  };
  struct Board {
    std::atomic<int> turn{1};
    Actor actors[26];
  };

  // While a call is made. It may throw: the next turn comes all the same.
  class InCall {
   public:
    InCall(Actor& self, std::atomic<int>& now, const Turn& turn)
        : self_(self), now_(now), turn_(turn) {
      self_.is_in_call.store(true);
      if (turn_.passes_on) now_.store(turn_.number + 1);
    }
    ~InCall() {
      self_.is_in_call.store(false);
      if (!turn_.passes_on) now_.store(turn_.number + 1);
    }
    InCall(const InCall&) = delete;
    InCall& operator=(const InCall&) = delete;

   private:
    Actor& self_;
    std::atomic<int>& now_;
    const Turn& turn_;
  };

  Actor& actor(char who) {
    if (who < 'A' || who > 'Z') throw std::invalid_argument("nobody is called so");
    return board_->actors[who - 'A'];
  }

  void await(const Turn& turn) {
    while (board_->turn.load() != turn.number) pause_a_moment();
    while (turn.sleeper != 0 && !(sleeps(turn.sleeper) && sleeps(turn.sleeper))) pause_a_moment();
    while (turn.dead != 0 && lives(turn.dead)) pause_a_moment();
  }

  bool sleeps(char who) {
    return !actor(who).is_in_call.load() || state_of(actor(who).tid.load()) == 'S';
  }
  bool lives(char who) {
    const char state = state_of(actor(who).tid.load());
    return state != 'Z' && state != 'X' && state != 0;
  }

  // 0 for one that is no more.
  static char state_of(pid_t tid) {
    std::FILE* file = std::fopen(("/proc/" + std::to_string(tid) + "/stat").c_str(), "re");
    if (file == nullptr) return 0;
    char state = 0;
    if (std::fscanf(file, "%*d (%*[^)]) %c", &state) != 1) state = 0;
    static_cast<void>(std::fclose(file));
    return state;
  }

  static void pause_a_moment() {
    const timespec time = {0, 200'000};
    ::nanosleep(&time, nullptr);
  }

  Board* board_;
};

}  // namespace kit

#endif  // GRADER_HARNESS_PROBE_SCRIPT_H_
