// Does small things that the interposed library has something to say about: the first argument says
// which. Built for interpose_test.cc.
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <condition_variable>
#include <deque>
#include <future>
#include <latch>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  fprintf(stderr, "test_program: %s (errno %d)\n", what, errno);
  exit(3);
}

// --- Crashes.

// Touches the pages below on its way down, more than a stack has of them.
int overflow(int depth) {
  volatile char page[4'096];
  page[0] = static_cast<char>(depth);
  return depth < 1'000'000 ? overflow(depth + 1) + page[0] : 0;
}

void crash(const std::string& how) {
  if (how == "null") *static_cast<volatile int*>(nullptr) = 1;
  if (how == "abort") abort();
  if (how == "overflow") printf("%d\n", overflow(0));
  if (how == "thread") std::thread([] { overflow(0); }).join();
  if (how == "killed") raise(SIGSEGV);
}

// --- Sending and receiving as it should be done, with what came in between counted.

struct Counts {
  std::atomic<int> short_sends = 0;
  std::atomic<int> short_receives = 0;
  std::atomic<int> interruptions = 0;
};

void send_everything(int fd, const std::string& bytes, Counts& counts) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    iovec parts[2] = {{const_cast<char*>(bytes.data()) + done, (bytes.size() - done) / 2}, {}};
    parts[1] = {const_cast<char*>(bytes.data()) + done + parts[0].iov_len,
                bytes.size() - done - parts[0].iov_len};
    msghdr message = {};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    const ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) {
      ++counts.interruptions;
      continue;
    }
    require(sent > 0, "sendmsg");
    if (static_cast<std::size_t>(sent) < bytes.size() - done) ++counts.short_sends;
    done += static_cast<std::size_t>(sent);
  }
}

std::string receive_everything(int fd, std::size_t bytes, Counts& counts) {
  std::string received;
  while (received.size() < bytes) {
    char part[64];
    const ssize_t count =
        received.size() % 2 == 0 ? recv(fd, part, sizeof(part), 0) : read(fd, part, sizeof(part));
    if (count < 0 && errno == EINTR) {
      ++counts.interruptions;
      continue;
    }
    require(count > 0, "recv");
    if (static_cast<std::size_t>(count) < sizeof(part)) ++counts.short_receives;
    received.append(part, static_cast<std::size_t>(count));
  }
  return received;
}

// --- What is done under a lock.

std::mutex lock;
std::shared_mutex shared_lock;
std::vector<int>* numbers = nullptr;

__attribute__((noinline)) void grow_under_lock() {
  const std::lock_guard guard(lock);
  numbers->resize(1'000);
}

__attribute__((noinline)) void shrink_under_shared_lock() {
  const std::shared_lock guard(shared_lock);
  delete numbers;
}

__attribute__((noinline)) void send_under_lock(int fd) {
  const std::lock_guard guard(lock);
  require(send(fd, "x", 1, MSG_NOSIGNAL) == 1, "send");
}

void careless() {
  int ends[2];
  require(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
  numbers = new std::vector<int>();
  grow_under_lock();
  shrink_under_shared_lock();
  send_under_lock(ends[0]);
}

// Takes and gives back its memory, and sends, outside of its locks; waits with them.
void careful() {
  int ends[2];
  require(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
  std::condition_variable changed;
  std::vector<int> kept;
  kept.reserve(1'000);
  bool ready = false;
  std::thread other([&] {
    const std::lock_guard guard(lock);
    ready = true;
    changed.notify_one();
  });
  {
    std::unique_lock guard(lock);
    while (!ready) changed.wait(guard);
    for (int i = 0; i < 1'000; ++i) kept.push_back(i);
  }
  other.join();
  Counts counts;
  const std::string text(1'000, 'x');
  send_everything(ends[0], text, counts);
  const std::shared_lock guard(shared_lock);
}

// --- Named objects.

void objects() {
  const std::string name = "/kit interpose test " + std::to_string(getpid());
  const int memory = shm_open(name.c_str(), O_CREAT | O_RDWR, 0600);
  require(memory >= 0, "shm_open");
  require(shm_open(name.c_str(), O_RDONLY, 0) >= 0, "shm_open of what is there");
  require(shm_unlink(name.c_str()) == 0, "shm_unlink");
  require(sem_open(name.c_str(), O_CREAT, 0600, 3) != SEM_FAILED, "sem_open");
  sem_t* semaphore = sem_open(name.c_str(), 0);
  int value = 0;
  require(semaphore != SEM_FAILED && sem_getvalue(semaphore, &value) == 0, "sem_open again");
  require(value == 3, "the semaphore's value");
  require(sem_unlink(name.c_str()) == 0, "sem_unlink");
  mq_attr attributes = {};
  attributes.mq_maxmsg = 2;
  attributes.mq_msgsize = 8;
  require(mq_open(name.c_str(), O_CREAT | O_RDWR, 0600, &attributes) != -1, "mq_open");
  require(mq_unlink(name.c_str()) == 0, "mq_unlink");
}

// --- Short transfers and interruptions, told as counts.

void transfer() {
  int ends[2];
  require(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
  Counts counts;
  for (int round = 0; round < 50; ++round) {
    const std::string bytes(640, static_cast<char>('a' + round % 26));
    send_everything(ends[0], bytes, counts);
    require(receive_everything(ends[1], bytes.size(), counts) == bytes, "what arrived");
  }
  printf("short_sends %d\nshort_receives %d\ninterruptions %d\n", counts.short_sends.load(),
         counts.short_receives.load(), counts.interruptions.load());
}

// What must stay as it is: whole datagrams, pipes, MSG_WAITALL, sockets that do not block.
void untouched() {
  int stream[2];
  int datagram[2];
  int pipe_ends[2];
  require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, stream) == 0, "socketpair");
  require(socketpair(AF_UNIX, SOCK_DGRAM, 0, datagram) == 0, "socketpair");
  require(pipe(pipe_ends) == 0, "pipe");
  char bytes[100] = {};
  for (int i = 0; i < 200; ++i) {
    require(send(datagram[0], bytes, 100, 0) == 100, "a whole datagram sent");
    require(recv(datagram[1], bytes, 100, 0) == 100, "a whole datagram received");
    require(write(pipe_ends[1], bytes, 100) == 100, "a whole write to a pipe");
    require(read(pipe_ends[0], bytes, 100) == 100, "a whole read from a pipe");
    require(recv(stream[1], bytes, 100, 0) == -1 && errno == EAGAIN, "EAGAIN, not EINTR");
  }
}

// --- Delays.

void many_locks() {
  const auto work = [] {
    for (int i = 0; i < 50; ++i) const std::lock_guard guard(lock);
  };
  std::thread first(work);
  std::thread second(work);
  first.join();
  second.join();
}

// Two threads take from a queue that is looked at in one locked section and taken from in the next:
// the window between the two is some ten instructions. Says in how many rounds both got in.
class RacyQueue {
 public:
  bool empty() {
    const std::lock_guard guard(lock_);
    return items_ == 0;
  }
  bool pop() {
    const std::lock_guard guard(lock_);
    if (items_ == 0) return false;
    --items_;
    return true;
  }

 private:
  std::mutex lock_;
  int items_ = 1;
};

bool both_got_in() {
  RacyQueue queue;
  std::atomic<int> waiting = 2;
  std::atomic<bool> wrong = false;
  const auto take = [&] {
    --waiting;
    while (waiting > 0) std::this_thread::yield();
    if (!queue.empty() && !queue.pop()) wrong = true;
  };
  std::thread first(take);
  std::thread second(take);
  first.join();
  second.join();
  return wrong;
}

void race(int rounds) {
  int wrong = 0;
  for (int i = 0; i < rounds; ++i) wrong += both_got_in() ? 1 : 0;
  printf("wrong %d\n", wrong);
}

// --- What must go on working.

void features() {
  std::condition_variable changed;
  std::condition_variable_any changed_any;
  std::shared_mutex shared;
  std::timed_mutex timed;
  std::recursive_mutex recursive;
  std::counting_semaphore<4> slots(0);
  std::latch started(2);
  std::barrier together(2);
  std::once_flag once;
  sem_t semaphore;
  require(sem_init(&semaphore, 0, 0) == 0, "sem_init");
  int turn = 0;
  int calls = 0;
  std::thread other([&] {
    started.arrive_and_wait();
    std::call_once(once, [&] { ++calls; });
    slots.release();
    require(sem_post(&semaphore) == 0, "sem_post");
    together.arrive_and_wait();
    const std::unique_lock guard(shared);
    turn = 1;
    changed_any.notify_all();
  });
  started.arrive_and_wait();
  slots.acquire();
  while (sem_wait(&semaphore) != 0) require(errno == EINTR, "sem_wait");
  std::call_once(once, [&] { ++calls; });
  together.arrive_and_wait();
  {
    std::shared_lock guard(shared);
    changed_any.wait(guard, [&] { return turn == 1; });
  }
  other.join();
  require(calls == 1, "call_once");
  {
    std::unique_lock guard(lock);
    const auto soon = std::chrono::milliseconds(5);
    require(!changed.wait_for(guard, soon, [] { return false; }), "wait_for");
    require(changed.wait_until(guard, std::chrono::system_clock::now() + soon) ==
                std::cv_status::timeout,
            "wait_until");
  }
  {
    const std::unique_lock guard(timed, std::chrono::milliseconds(100));
    require(guard.owns_lock(), "timed_mutex");
    const std::lock_guard once_more(recursive);
    const std::lock_guard twice(recursive);
  }
  require(std::async(std::launch::async, [] { return 42; }).get() == 42, "async");
}

// A canceled thread unwinds through whatever stands in front of the call it waits in.
void cancel() {
  int ends[2];
  require(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
  pthread_t thread;
  const auto wait = [](void* fd) -> void* {
    char byte;
    static_cast<void>(!read(*static_cast<int*>(fd), &byte, 1));
    return nullptr;
  };
  require(pthread_create(&thread, nullptr, wait, &ends[0]) == 0, "pthread_create");
  require(pthread_cancel(thread) == 0, "pthread_cancel");
  void* result = nullptr;
  require(pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED, "pthread_join");
}

void keep_errno() {
  for (int i = 0; i < 200; ++i) {
    errno = 77;
    lock.lock();
    lock.unlock();
    free(malloc(10));
    require(errno == 77, "errno changed");
  }
}

// A daemon closes everything and opens its own files, which then have the old numbers.
void daemonise(const char* fd_text) {
  const pid_t child = fork();
  require(child >= 0, "fork");
  if (child > 0) {
    int status = 0;
    require(waitpid(child, &status, 0) == child && status == 0, "the child");
    return;
  }
  const int watched = atoi(fd_text);
  require(close(watched) == 0, "close");
  const int file = memfd_create("mine", 0);
  require(dup2(file, watched) == watched, "dup2");
  careless();
  require(lseek(watched, 0, SEEK_END) == 0, "something was written into the child's own file");
  _exit(0);
}

// --- A correct server and its clients, in one process.

void echo(int fd) {
  std::string pending;
  while (true) {
    char part[256];
    const ssize_t count = recv(fd, part, sizeof(part), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    Counts counts;
    send_everything(fd, std::string(part, static_cast<std::size_t>(count)), counts);
  }
  close(fd);
}

void serve() {
  std::vector<std::thread> threads;
  Counts counts;
  for (int i = 0; i < 8; ++i) {
    int ends[2];
    require(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
    threads.emplace_back(echo, ends[0]);
    threads.emplace_back([&, fd = ends[1], i] {
      const std::string text(2'000, static_cast<char>('a' + i));
      for (int round = 0; round < 5; ++round) {
        send_everything(fd, text, counts);
        require(receive_everything(fd, text.size(), counts) == text, "the echo");
      }
      close(fd);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  const char* argument = argc > 2 ? argv[2] : "";
  if (what == "crash") crash(argument);
  if (what == "careless") careless();
  if (what == "careful") careful();
  if (what == "objects") objects();
  if (what == "transfer") transfer();
  if (what == "untouched") untouched();
  if (what == "locks") many_locks();
  if (what == "race") race(atoi(argument));
  if (what == "features") features();
  if (what == "cancel") cancel();
  if (what == "errno") keep_errno();
  if (what == "daemon") daemonise(argument);
  if (what == "serve") serve();
  printf("done\n");
  return 0;
}
