// How a check's finding is made when its body has ended.
#include <signal.h>
#include <sys/socket.h>

#include <sstream>
#include <string_view>

#include "grader/harness/check_context.h"
#include "grader/harness/evidence.h"
#include "grader/harness/leftovers.h"
#include "grader/harness/made_objects.h"
#include "grader/harness/process_tree.h"
#include "grader/harness/stacks.h"

namespace kit {
namespace {

// How long a program may take to end after SIGTERM before it is killed. Only a check that is about
// shutting down makes this a fault.
constexpr int kGraceMs = 2000;
// In the modes in which its end has nothing to tell: no report is written then.
constexpr int kShortGraceMs = 300;

constexpr std::size_t kMaxOutputBytes = 2000;

bool is_ours(int signal) {
  return signal == 0 || signal == SIGTERM || signal == SIGINT || signal == SIGKILL;
}

// Ends our side of all connections. Only a check that is about shutting down has to see what a
// server does about clients that stay.
void leave_all(CheckContext& context) {
  for (const auto* peers : {&context.peers, &context.quiet_peers}) {
    for (const TcpPeer& peer : *peers) {
      if (peer.fd() >= 0) static_cast<void>(shutdown(peer.fd(), SHUT_RDWR));
    }
  }
}

void end_all(CheckContext& context) {
  leave_all(context);
  const Mode mode = context.config.mode;
  const int grace_ms = mode == Mode::kPlain || mode == Mode::kStress ? kShortGraceMs : kGraceMs;
  const Deadline grace = Deadline::after_ms(static_cast<int>(grace_ms * context.slowness));
  for (Process* process : context.box->processes()) process->signal(SIGTERM);
  for (Process* process : context.box->processes()) {
    process->wait(grace);
    process->kill();
  }
}

// What a subject printed, fit to be shown: bounded, nothing in it that moves a cursor.
std::string cleaned(std::string text) {
  if (text.size() > kMaxOutputBytes) text = "...\n" + text.substr(text.size() - kMaxOutputBytes);
  std::string out;
  for (unsigned char c : text) {
    const bool plain = c == '\n' || c == '\t' || (c >= ' ' && c != 127);
    out += plain ? std::string(1, static_cast<char>(c)) : "?";
  }
  if (!out.empty() && out.back() != '\n') out += '\n';
  return out;
}

// The end of a flood: its lines are all alike.
std::string last_lines(const std::string& text) {
  constexpr std::size_t kBytes = 300;
  const std::size_t begin = text.size() > kBytes ? text.find('\n', text.size() - kBytes) + 1 : 0;
  return cleaned(text.substr(begin));
}

std::string without_our_lines(const std::string& text) {
  std::string out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(kCrashMark, 0) != 0) out += line + '\n';
  }
  return out;
}

std::string printed_errors(CheckContext& context) {
  std::string out;
  for (Process* process : context.box->processes()) {
    const std::string text = process->flooded() ? "" : cleaned(without_our_lines(process->err()));
    if (!text.empty()) out += process->name() + " printed on standard error:\n" + varies(text);
  }
  return out;
}

// What the check saw, after what explains it. It depends on luck how a death or a race shows.
void explain(Finding& finding, const std::string& observed) {
  finding.observed =
      finding.observed.empty() ? observed : observed + varies("\n" + finding.observed);
}

std::string_view expected_of(Status status) {
  if (status == Status::kRaced) return "no data race";
  if (status == Status::kLeaked) return "all memory is given back";
  return "no error in the use of memory, and no undefined behaviour";
}

void apply_evidence(Finding& finding, const Evidence& evidence) {
  finding.status = evidence.status;
  finding.expected = expected_of(evidence.status);
  explain(finding, evidence.summary);
  finding.evidence = evidence.report;
  finding.where = evidence.where;
}

// A program that died of something that nobody sent it, or a report that is not there.
bool apply_death(Finding& finding, Process& process, CheckContext& context) {
  const Exit exit = process.wait(context.deadline).value_or(Exit{});
  const bool unreported = is_report_status(exit.status);
  if (process.flooded()) {
    finding.status = Status::kFailed;
    finding.observed = process.name() + " printed without end, and the grader killed it";
    finding.evidence =
        "The last that it printed:\n" + varies(last_lines(process.out() + process.err()));
    return true;
  }
  const std::vector<Crash> crashes = process.crashes();
  if (is_ours(exit.signal) && !unreported && crashes.empty()) return false;
  finding.status = Status::kCrashed;
  finding.expected = process.name() + " goes on";
  if (!crashes.empty() && crashes[0].pid != process.pid()) {
    explain(finding, "a process that " + process.name() + " started ended with " +
                         render(Exit{0, crashes[0].signal}));
  } else {
    const std::string how = render(exit);
    // The check may have seen it already.
    if (finding.observed.find(how) == std::string::npos)
      explain(finding, process.name() + " ended with " + how);
  }
  finding.evidence = context.box->crash_stacks();
  finding.where = innermost_place(finding.evidence);
  // Where the other threads were at that moment is chance.
  if (finding.evidence.find("thread 2 ") != std::string::npos)
    finding.evidence = varies(finding.evidence);
  return true;
}

// Outranks everything: what the check saw, and what a sanitizer says, is how the killing looked.
bool apply_forks(Finding& finding, CheckContext& context) {
  if (!context.box->forks_without_end()) return false;
  finding.status = Status::kFailed;
  finding.expected = "as many processes as the work needs";
  finding.observed = "more than " + std::to_string(max_processes()) +
                     " processes ran at once, and the grader killed them all";
  return true;
}

std::string place_of_function(const CheckContext& context) {
  for (const auto& [name, path] : context.config.programs) {
    const std::string place = definition_of(path, context.about.function);
    // main() is in each of them, also in those that are not the subject's.
    if (context.config.own_code.is_in(place)) return place;
  }
  return "";
}

std::string all_that_was_done(const CheckContext& context) {
  std::string did = context.did;
  int number = 0;
  for (const TcpPeer& peer : context.peers) {
    const std::string text = peer.transcript().text();
    if (text.empty()) continue;
    const std::string which = context.peers.size() > 1 ? " " + std::to_string(++number) : "";
    did += "on connection" + which + ":\n" + text;
  }
  return did;
}

void add_context(Finding& finding, CheckContext& context) {
  finding.evidence += context.evidence + printed_errors(context);
  finding.picture = context.picture;
  finding.interleaving = context.interleaving;
  finding.why = context.about.why;
  finding.hint = context.about.hint;
  if (finding.where.empty()) finding.where = context.where;
  if (finding.where.empty() && finding.status == Status::kHung) {
    // Where it waits says more than where the function begins. Of many threads, most wait where
    // they should.
    const bool is_alone = finding.evidence.find("thread 2 ") == std::string::npos;
    finding.where = is_alone ? innermost_place(finding.evidence)
                             : place_within(finding.evidence, context.about.function);
  }
  if (finding.where.empty()) finding.where = place_of_function(context);
  if (finding.where.empty()) finding.where = innermost_place(finding.evidence);
}

void add_left_objects(Finding& finding, CheckContext& context) {
  std::string list;
  for (const LeftObject& object :
       sweep_made_objects(context.box->take_events(), context.config.own_code)) {
    list += (list.empty() ? "" : "\n") + object.what;
    if (!object.place.empty()) list += ", made at " + object.place;
    if (finding.where.empty()) finding.where = object.place;
  }
  if (!list.empty()) accuse_of_leaving(finding, list);
}

void mark_texts(Finding& finding, const CheckContext& context) {
  for (std::string* text :
       {&finding.did, &finding.expected, &finding.observed, &finding.where, &finding.evidence}) {
    *text = mark_varying(as_shown(*text, context.config), context.varying);
  }
}

// What the processes themselves say, or what was seen of them: it outranks what the check saw.
// False when they have nothing to say.
bool apply_processes(Finding& finding, CheckContext& context) {
  if (apply_forks(finding, context)) return true;
  const std::optional<Evidence> evidence =
      read_evidence(context.box->report_folder(), context.config.own_code);
  if (evidence) {
    apply_evidence(finding, *evidence);
    return true;
  }
  for (Process* process : context.box->processes()) {
    if (apply_death(finding, *process, context)) return true;
  }
  return false;
}

bool is_path_character(char c) {
  return std::string_view(" \t\n\"'`(<=\x0e").find(c) == std::string_view::npos;
}

}  // namespace

std::string as_shown(std::string text, const RunConfig& config) {
  const std::string shown = config.shown_package + "/";
  OwnCode::Place place = config.own_code.find(text);
  while (place.begin != std::string::npos) {
    std::size_t begin = place.begin;
    while (begin > 0 && is_path_character(text[begin - 1])) --begin;
    text.replace(begin, place.file - begin, shown);
    place = config.own_code.find(text, begin + shown.size());
  }
  return text;
}

Finding conclude(CheckContext& context) {
  context.box->wait_for_debugger();
  end_all(context);
  const bool is_noted = context.finding.has_value();
  Finding finding = context.finding.value_or(Finding{});
  const bool is_ours = is_noted && finding.status == Status::kNotGradable;
  const bool is_accused = !is_ours && apply_processes(finding, context);
  finding.did = all_that_was_done(context);
  if (is_noted || is_accused) {
    add_context(finding, context);
    // Nothing stays on the machine; the finding has something more urgent to say.
    sweep_made_objects(context.box->take_events(), context.config.own_code);
  } else {
    finding.status = Status::kPassed;
    add_left_objects(finding, context);
  }
  mark_texts(finding, context);
  finding.check = context.check;
  finding.seed = context.seed;
  return finding;
}

}  // namespace kit
