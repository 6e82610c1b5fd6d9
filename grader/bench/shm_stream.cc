// The least that two processes can do to hand a file on in chunks:
// shm_stream SLOT_BYTES READER_PROCESSOR FILE...
//
// One process reads the file into one slot of shared memory and posts a semaphore; the other sends
// what is in the slot and posts the other semaphore, and so on, in turns. There is one slot, so one
// client is served at a time. It speaks GETFILE like the proxy, whose segments it is compared with,
// and lets small chunks leave together like it: what is left as a difference is the handshake, and
// what a pair of processes gains by doing both at once.
//
// The one that reads runs on READER_PROCESSOR only, the other one where it was started: taskset(1)
// can say that.
//
// A file is known by the last part of its name. Prints "listening on <port>". Ends when it is
// killed, and so does its child.
#include <fcntl.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "grader/harness/deadline.h"
#include "grader/harness/tcp_socket.h"

namespace {

// As the proxy has it: a chunk of fewer bytes waits for the next one.
constexpr std::size_t kSmallBytes = 16 * 1024;

struct File {
  int fd = -1;
  std::size_t bytes = 0;
};

// What the two share. The content is behind it.
struct Slot {
  sem_t asked;  // there is a file to be read
  sem_t full;   // the slot holds a chunk
  sem_t empty;  // the chunk has been sent
  int fd;       // which file: both have it open
  std::size_t file_bytes;
  std::size_t bytes;  // of the chunk
  char* content() { return reinterpret_cast<char*>(this + 1); }
};

void wait_for(sem_t& semaphore) {
  while (sem_wait(&semaphore) != 0 && errno == EINTR) continue;
}

[[noreturn]] void fill(Slot& slot, std::size_t slot_bytes) {
  for (;;) {
    wait_for(slot.asked);
    for (std::size_t at = 0; at < slot.file_bytes; at += slot.bytes) {
      wait_for(slot.empty);
      const ssize_t count = pread(slot.fd, slot.content(), slot_bytes, static_cast<off_t>(at));
      if (count <= 0) _exit(1);
      slot.bytes = static_cast<std::size_t>(count);
      sem_post(&slot.full);
    }
  }
}

bool send_all(int fd, const char* bytes, std::size_t length, int flags) {
  for (std::size_t sent = 0; sent < length;) {
    const ssize_t count = send(fd, bytes + sent, length - sent, flags | MSG_NOSIGNAL);
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) sent += static_cast<std::size_t>(count);
  }
  return true;
}

// "GETFILE GET /<name>\r\n\r\n", which a loopback client's one send() brings whole.
std::string receive_name(int fd) {
  char request[512];
  const ssize_t count = recv(fd, request, sizeof(request), 0);
  const std::string text(request, count > 0 ? static_cast<std::size_t>(count) : 0);
  const std::size_t begin = text.find('/');
  const std::size_t end = text.find('\r');
  return begin < end && end != text.npos ? text.substr(begin + 1, end - begin - 1) : "";
}

void serve(int client, Slot& slot, const std::map<std::string, File>& files) {
  const auto found = files.find(receive_name(client));
  if (found == files.end()) return;
  const std::size_t length = found->second.bytes;
  const std::string header = "GETFILE OK " + std::to_string(length) + "\r\n\r\n";
  bool is_there = send_all(client, header.data(), header.size(), MSG_MORE);
  slot.fd = found->second.fd;
  slot.file_bytes = length;
  sem_post(&slot.asked);
  for (std::size_t sent = 0; sent < length;) {
    wait_for(slot.full);
    sent += slot.bytes;
    const bool can_wait = slot.bytes < kSmallBytes && sent < length;
    is_there = is_there && send_all(client, slot.content(), slot.bytes, can_wait ? MSG_MORE : 0);
    sem_post(&slot.empty);
  }
}

std::map<std::string, File> open_files(char** names) {
  std::map<std::string, File> files;
  for (; *names != nullptr; ++names) {
    const std::string name = *names;
    File file;
    file.fd = open(name.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (file.fd < 0 || fstat(file.fd, &status) != 0) {
      std::fprintf(stderr, "shm_stream: %s: %s\n", *names, std::strerror(errno));
      std::exit(1);
    }
    file.bytes = static_cast<std::size_t>(status.st_size);
    files[name.substr(name.rfind('/') + 1)] = file;
  }
  return files;
}

Slot* make_slot(std::size_t slot_bytes) {
  void* memory = mmap(nullptr, sizeof(Slot) + slot_bytes, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  auto* slot = static_cast<Slot*>(memory);
  sem_init(&slot->asked, 1, 0);
  sem_init(&slot->full, 1, 0);
  sem_init(&slot->empty, 1, 1);
  return slot;
}

void run_on(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0) _exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t slot_bytes = argc > 3 ? std::strtoull(argv[1], nullptr, 10) : 0;
  if (slot_bytes == 0) {
    std::fputs("usage: shm_stream SLOT_BYTES READER_PROCESSOR FILE...\n", stderr);
    return 2;
  }
  const std::map<std::string, File> files = open_files(argv + 3);
  Slot* slot = make_slot(slot_bytes);
  const pid_t child = slot != nullptr ? fork() : -1;
  if (child < 0) {
    std::fprintf(stderr, "shm_stream: %s\n", std::strerror(errno));
    return 1;
  }
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    run_on(std::atoi(argv[2]));
    fill(*slot, slot_bytes);
  }
  const kit::UniqueFd listener = kit::listen_tcp({});
  std::printf("listening on %d\n", kit::local_port(listener.get()));
  std::fflush(stdout);
  for (;;) {
    kit::UniqueFd fd = kit::accept_tcp(listener.get(), kit::Deadline::after_ms(24 * 3'600'000));
    const int flags = fcntl(fd.get(), F_GETFL);
    if (flags < 0 || fcntl(fd.get(), F_SETFL, flags & ~O_NONBLOCK) != 0) continue;
    serve(fd.get(), *slot, files);
  }
}
