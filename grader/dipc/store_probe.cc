// Calls on MailboxStores of one port, in several processes. Setup: the port, then the names of the
// processes that there are beside the probe itself, such as "P Q". Each has at most one store.
//
//   P.create MAILBOXES BYTES [LOCK COMMON]   "made"; or what was thrown, see `thrown()`
//   P.open, P.close, P.move       "opened", "closed"; "moved": to another object, the first is gone
//   P.shape                       "3 mailboxes of 1024 bytes"
//   P.length I, P.read I [ROOM]   "5"; the data: long runs of a letter as "a*1024"
//   P.write I LETTER COUNT        "written"
//   P.zeros, P.aligned, P.scribble, P.scribbled   about the locks' memory, see below
//   P.owner                       what owner_of() says: "P", "(none)", "(somebody else)"
//   P.remove_stale                "removed", "none", "in use"
//   P.alive WHO, P.alive_later WHO   is_alive(); the latter of a process that started a tick later
//   P.kill                        SIGKILL, and waits for its end; P.stun: does not ask how it ended
//   P.create_dies_at SIZE ...     killed when the object grows beyond SIZE bytes
//   P.create_dies_after US ...    killed so many microseconds after the call began
//   P.write_dies I COUNT          killed when COUNT bytes have been taken of twice as many
//   P.rename NAME                 gives the process a name, as `ps` shows it
//   exists                        whether the object is there: "yes", "no"
//   reserved                      whether all of its memory is there: "all", "4096 of 9000 bytes"
//   junk BYTES                    makes an object of so many bytes that nobody owns
//
// Without "P.", the probe itself makes the call.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <new>
#include <sstream>
#include <system_error>
#include <vector>

#include "grader/harness/probe.h"
#include "mailbox_store.h"
#include "process.h"

namespace {

using dipc::MailboxStore;

std::uint64_t number(const kit::Words& args, std::size_t i) {
  return i < args.size() ? std::stoull(args[i]) : 0;
}

// What a call threw, in the words of the header: what the text says is the student's own.
std::string thrown() {
  try {
    throw;
  } catch (const dipc::StoreInUse&) {
    return "StoreInUse";
  } catch (const dipc::NoStore&) {
    return "NoStore";
  } catch (const std::system_error& error) {
    const int code = error.code().value();
    if (code == ENOMEM || code == ENOSPC || code == EFBIG) return "no memory";
    return std::string("std::system_error: ") + error.what();
  } catch (const std::invalid_argument&) {
    return "std::invalid_argument";
  } catch (const std::length_error&) {
    return "std::length_error";
  } catch (const std::out_of_range&) {
    return "std::out_of_range";
  } catch (const std::bad_alloc&) {
    return "std::bad_alloc";
  }
}

// "a*1024" for a long run of one letter, the bytes themselves for a short one.
std::string show(const std::string& data) {
  std::string out;
  for (std::size_t begin = 0, end = 0; begin < data.size(); begin = end) {
    end = std::min(data.find_first_not_of(data[begin], begin), data.size());
    const std::string run = data.substr(begin, end - begin);
    out += run.size() < 8 ? run : run.substr(0, 1) + '*' + std::to_string(run.size());
  }
  return out.empty() ? "(nothing)" : out;
}

[[noreturn]] void die(int) {
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

void die_at_size(std::uint64_t bytes) {
  ::signal(SIGXFSZ, die);
  const struct rlimit limit = {bytes, bytes};
  if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) throw kit::UnknownCall{"setrlimit"};
}

void die_after_us(std::uint64_t us) {
  ::signal(SIGALRM, die);
  const itimerval time = {{0, 0}, {0, static_cast<suseconds_t>(us)}};
  if (::setitimer(ITIMER_REAL, &time, nullptr) != 0) throw kit::UnknownCall{"setitimer"};
}

// Memory of twice `bytes`, the second half of which cannot be read: who copies it, dies half-way.
std::string_view half_readable(std::size_t bytes) {
  const std::size_t page = ::sysconf(_SC_PAGESIZE);
  const std::size_t half = (bytes + page - 1) / page * page;
  void* memory =
      ::mmap(nullptr, 2 * half, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw kit::UnknownCall{"mmap"};
  char* middle = static_cast<char*>(memory) + half;
  std::memset(middle - bytes, 'N', bytes);
  ::mprotect(middle, half, PROT_NONE);
  ::signal(SIGSEGV, die);
  return {middle - bytes, 2 * bytes};
}

// What one process does.
class StoreUser {
 public:
  explicit StoreUser(std::uint16_t port) : port_(port) {}

  std::string call(const std::string& name, const kit::Words& args) {
    try {
      return unguarded_call(name, args);
    } catch (const std::exception&) {
      return thrown();
    }
  }

 private:
  std::string unguarded_call(const std::string& name, const kit::Words& args) {
    if (name == "create") return create(args);
    if (name == "create_dies_at" || name == "create_dies_after") {
      name == "create_dies_at" ? die_at_size(number(args, 0)) : die_after_us(number(args, 0));
      return create({args.begin() + 1, args.end()});
    }
    if (name == "open") {
      store_ = std::make_unique<MailboxStore>(MailboxStore::open(port_));
      return "opened";
    }
    if (name == "close") {
      store_.reset();
      return "closed";
    }
    if (name == "remove_stale") return remove_stale();
    if (name == "rename") {
      ::prctl(PR_SET_NAME, args.at(0).c_str());
      return "renamed";
    }
    if (store_ == nullptr) return "has no store";
    return call_store(name, args);
  }

  std::string create(const kit::Words& args) {
    const dipc::StoreShape shape = {number(args, 0), number(args, 1), number(args, 2),
                                    number(args, 3)};
    store_ = std::make_unique<MailboxStore>(MailboxStore::create(port_, shape));
    return "made";
  }

  std::string remove_stale() {
    switch (MailboxStore::remove_stale(port_)) {
      case MailboxStore::Removal::kRemoved:
        return "removed";
      case MailboxStore::Removal::kNone:
        return "none";
      case MailboxStore::Removal::kInUse:
        return "in use";
    }
    return "no value of Removal";
  }

  std::string call_store(const std::string& name, const kit::Words& args) {
    if (name == "move") {
      auto moved = std::make_unique<MailboxStore>(std::move(*store_));
      store_ = std::move(moved);
      return "moved";
    }
    if (name == "shape") {
      return std::to_string(store_->mailboxes()) + " mailboxes of " +
             std::to_string(store_->mailbox_bytes()) + " bytes";
    }
    if (name == "length") return std::to_string(store_->length(number(args, 0)));
    if (name == "read") return read(args);
    if (name == "write") {
      store_->write(number(args, 0), std::string(number(args, 2), args.at(1).at(0)));
      return "written";
    }
    if (name == "write_dies") {
      store_->write(number(args, 0), half_readable(number(args, 1)));
      return "written";
    }
    if (name == "lock_memory") return store_->lock_memory(number(args, 0)) ? "memory" : "nullptr";
    return call_memory(name);
  }

  // Into memory of just that size: what a read beyond its end does, is seen.
  std::string read(const kit::Words& args) {
    const std::size_t room = args.size() > 1 ? number(args, 1) : store_->mailbox_bytes();
    constexpr char kCanary = '#';
    std::string memory(room + 64, kCanary);
    const std::size_t count = store_->read(number(args, 0), std::span<char>(memory.data(), room));
    if (memory.find_first_not_of(kCanary, room) != std::string::npos) return "wrote beyond the end";
    if (count > room) return "says that it copied " + std::to_string(count) + " bytes";
    return show(memory.substr(0, count));
  }

  struct Piece {
    std::string name;
    unsigned char* begin;
    std::size_t size;
  };

  // The locks' memory and the common memory; each of them is filled with a letter of its own.
  std::vector<Piece> pieces() {
    std::vector<Piece> pieces;
    for (std::uint64_t i = 0; i < store_->mailboxes(); ++i) {
      pieces.push_back({"the memory of lock " + std::to_string(i),
                        static_cast<unsigned char*>(store_->lock_memory(i)),
                        store_->shape().lock_bytes});
    }
    pieces.push_back({"the common memory", static_cast<unsigned char*>(store_->common_memory()),
                      store_->shape().common_bytes});
    return pieces;
  }

  static bool is_all(const Piece& piece, unsigned char byte) {
    return std::all_of(piece.begin, piece.begin + piece.size,
                       [byte](unsigned char c) { return c == byte; });
  }

  std::string call_memory(const std::string& name) {
    unsigned char letter = 'A';
    for (const Piece& piece : pieces()) {
      if (piece.begin == nullptr) return piece.name + " is a null pointer";
      if (name == "scribble") std::memset(piece.begin, letter, piece.size);
      if (name == "scribbled" && !is_all(piece, letter)) return piece.name + " was overwritten";
      if (name == "zeros" && !is_all(piece, 0)) return piece.name + " is not all zeros";
      if (name == "aligned" && reinterpret_cast<std::uintptr_t>(piece.begin) % 64 != 0) {
        return piece.name + " is not at a multiple of 64";
      }
      ++letter;
    }
    if (name == "scribble") return "done";
    if (name == "scribbled" || name == "zeros" || name == "aligned") return "yes";
    throw kit::UnknownCall{name};
  }

  const std::uint16_t port_;
  std::unique_ptr<MailboxStore> store_;
};

// Words with a length before them, over a pair of sockets.
bool send_text(int fd, const std::string& text) {
  const std::uint32_t size = text.size();
  std::string bytes(reinterpret_cast<const char*>(&size), sizeof size);
  bytes += text;
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t count = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    sent += count;
  }
  return true;
}

bool receive_bytes(int fd, char* bytes, std::size_t wanted) {
  while (wanted > 0) {
    const ssize_t count = ::recv(fd, bytes, wanted, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes += count;
    wanted -= count;
  }
  return true;
}

bool receive_text(int fd, std::string& text) {
  std::uint32_t size = 0;
  if (!receive_bytes(fd, reinterpret_cast<char*>(&size), sizeof size)) return false;
  text.resize(size);
  return receive_bytes(fd, text.data(), size);
}

// A process that makes calls when it is told to. It is forked before there is any store, which it
// would share.
class Child {
 public:
  Child(std::uint16_t port, int number) {
    int fds[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
      throw kit::UnknownCall{"socketpair"};
    }
    pid_ = ::fork();
    if (pid_ < 0) throw kit::UnknownCall{"fork"};
    if (pid_ == 0) {
      ::close(fds[0]);
      serve(port, fds[1], number);
    }
    ::close(fds[1]);
    fd_ = fds[0];
    identity_ = {pid_, dipc::start_time_of(pid_).value_or(0)};
  }

  // It hears that nobody has anything more to say, destroys its store, and ends.
  ~Child() {
    ::shutdown(fd_, SHUT_RDWR);  // closing is not enough: later children have a copy
    ::close(fd_);
    reap();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  const dipc::ProcessIdentity& identity() const { return identity_; }

  std::string call(const std::string& name, const kit::Words& args) {
    if (name == "kill" || name == "stun") return end(name == "kill");
    std::string text = kit::encode_word(name);
    for (const std::string& arg : args) text += ' ' + kit::encode_word(arg);
    std::string result;
    if (send_text(fd_, text) && receive_text(fd_, result)) return result;
    reap();
    return "(killed)";
  }

 private:
  [[noreturn]] static void serve(std::uint16_t port, int fd, int number) {
    // So that the store lies at another address in each process.
    static_cast<void>(::mmap(nullptr, std::size_t(number + 1) << 20, PROT_READ,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    int status = 0;
    try {
      StoreUser user(port);
      for (std::string text; receive_text(fd, text);) {
        kit::Words words;
        std::istringstream in(text);
        for (std::string word; in >> word;) words.push_back(kit::decode_word(word));
        if (!send_text(fd, user.call(words.at(0), {words.begin() + 1, words.end()}))) break;
      }
    } catch (const kit::UnknownCall& error) {
      std::fprintf(stderr, "probe: no such call: %s\n", error.name.c_str());
      status = kit::kProbeFault;
    }
    ::_exit(status);
  }

  std::string end(bool is_reaped) {
    if (pid_ <= 0) return "killed";  // it is dead already, and kill(-1) would be everybody's end
    ::kill(pid_, SIGKILL);
    siginfo_t info;
    while (::waitid(P_PID, pid_, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
    if (is_reaped) reap();
    return "killed";
  }

  void reap() {
    int status = 0;
    if (pid_ <= 0) return;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0) ::_exit(WEXITSTATUS(status));
    pid_ = -1;
  }

  pid_t pid_ = -1;
  int fd_ = -1;
  dipc::ProcessIdentity identity_;
};

class StoreAdapter : public kit::Adapter {
 public:
  explicit StoreAdapter(const kit::Words& setup)
      : port_(static_cast<std::uint16_t>(std::stoul(setup.at(0)))), user_(port_) {
    ::signal(SIGXFSZ, SIG_IGN);  // the grader limits the size of files: that is an error, no death
    for (std::size_t i = 1; i < setup.size(); ++i) {
      children_.try_emplace(setup[i], port_, static_cast<int>(i));
    }
  }

  std::string call(const std::string& name, const kit::Words& args) override {
    const std::size_t dot = name.find('.');
    if (dot != std::string::npos) {
      return children_.at(name.substr(0, dot)).call(name.substr(dot + 1), args);
    }
    if (name == "owner") return owner();
    if (name == "alive") return alive(children_.at(args.at(0)).identity());
    if (name == "alive_later") {
      dipc::ProcessIdentity other = children_.at(args.at(0)).identity();
      ++other.start_time;
      return alive(other);
    }
    if (name == "self")
      return dipc::self_identity().pid == ::getpid() ? alive(dipc::self_identity()) : "not our id";
    if (name == "reserved") return reserved();
    if (name == "exists") return ::access(path().c_str(), F_OK) == 0 ? "yes" : "no";
    if (name == "junk") return make_junk(number(args, 0));
    return user_.call(name, args);
  }

 private:
  // The name is the header's promise, so that other programs find the object.
  std::string path() const { return "/dev/shm/dipc-" + std::to_string(port_); }

  static std::string alive(const dipc::ProcessIdentity& who) {
    return dipc::is_alive(who) ? "yes" : "no";
  }

  std::string owner() {
    const std::optional<dipc::ProcessIdentity> owner = MailboxStore::owner_of(port_);
    if (!owner) return "(none)";
    for (const auto& [name, child] : children_) {
      if (child.identity() == *owner) return name;
      if (child.identity().pid == owner->pid) return name + ", with another start time";
    }
    return *owner == dipc::self_identity() ? "the probe" : "(somebody else)";
  }

  std::string reserved() {
    struct stat status;
    if (::stat(path().c_str(), &status) != 0) return "there is no object";
    const std::int64_t bytes = std::int64_t{status.st_blocks} * 512;
    if (bytes >= status.st_size) return "all";
    return std::to_string(bytes) + " of " + std::to_string(status.st_size) + " bytes";
  }

  std::string make_junk(std::uint64_t bytes) {
    const int fd = ::open(path().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) throw kit::UnknownCall{"open"};
    const std::string junk(bytes, 'j');
    const bool done = ::write(fd, junk.data(), junk.size()) == static_cast<ssize_t>(junk.size());
    ::close(fd);
    if (!done) throw kit::UnknownCall{"write"};
    return "made";
  }

  const std::uint16_t port_;
  std::map<std::string, Child> children_;
  StoreUser user_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<StoreAdapter>(setup);
}
