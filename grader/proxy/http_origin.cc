#include "grader/proxy/http_origin.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "grader/harness/check.h"
#include "grader/harness/tcp_socket.h"

namespace kit::proxy_lab {
namespace {

// More than any check has the proxy connect at a time.
constexpr int kBacklog = 1024;

constexpr std::size_t kPiece = 64 * 1024;
constexpr auto kPause = std::chrono::milliseconds(3);

constexpr std::size_t kMaxHead = 64 * 1024;

// Reads up to the empty line that ends a request's header; std::nullopt when the connection ended.
std::optional<std::string> read_head(int fd) {
  std::string head;
  char byte = 0;
  while (!head.ends_with("\r\n\r\n") && head.size() < kMaxHead) {
    const ssize_t count = ::recv(fd, &byte, 1, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return std::nullopt;
    head += byte;
  }
  return head;
}

// What a script sends goes out as it is; without this, the second of two small pieces waits until
// the proxy's kernel has confirmed the first one, which takes it 40 ms (tcp(7), TCP_NODELAY).
void send_at_once(int fd) {
  const int on = 1;
  static_cast<void>(::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
}

std::string target_of(const std::string& head) {
  const std::size_t begin = std::min(head.find(' '), head.size() - 1) + 1;
  return head.substr(begin, head.find(' ', begin) - begin);
}

std::uint16_t noted_port(const UniqueFd& listener) {
  const std::uint16_t port = local_port(listener.get());
  note_varying(std::to_string(port));
  return port;
}

// accept() on it waits.
UniqueFd listen_for_many() {
  TcpOptions options;
  options.backlog = kBacklog;
  UniqueFd listener = box().listen(options);
  if (::fcntl(listener.get(), F_SETFL, 0) < 0) fail_not_gradable("fcntl failed");
  return listener;
}

}  // namespace

std::string head_of(int status, std::optional<std::uint64_t> length, const std::string& more) {
  std::string head = "HTTP/1.1 " + std::to_string(status) + " Some Words\r\n";
  if (length) head += "Content-Length: " + std::to_string(*length) + "\r\n";
  return head + more + "\r\n";
}

HttpOrigin::Exchange::Exchange(HttpOrigin& origin, int fd, std::string head)
    : origin_(origin), fd_(fd), target_(target_of(head)) {}

void HttpOrigin::Exchange::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Gone();
    bytes.remove_prefix(static_cast<std::size_t>(count));
    std::lock_guard lock(origin_.mutex_);
    origin_.sent_bytes_ += static_cast<std::uint64_t>(count);
    origin_.changed_.notify_all();
  }
}

void HttpOrigin::Exchange::send_content(const Content& content, std::uint64_t count) {
  for (std::uint64_t offset = 0; offset < count; offset += kPiece) {
    send(content.bytes(offset,
                       static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, count - offset))));
  }
}

void HttpOrigin::Exchange::pause() {
  std::unique_lock lock(origin_.mutex_);
  origin_.changed_.wait_for(lock, kPause, [this] { return origin_.is_stopping_; });
}

void HttpOrigin::Exchange::wait_at_gate() {
  std::unique_lock lock(origin_.mutex_);
  origin_.changed_.wait(lock, [this] { return origin_.gate_is_open_ || origin_.is_stopping_; });
}

void HttpOrigin::Exchange::wait_for_end() {
  char byte = 0;
  ssize_t count;
  do {
    count = ::recv(fd_, &byte, 1, 0);
  } while (count > 0 || (count < 0 && errno == EINTR));
  throw Gone();
}

void HttpOrigin::Exchange::close() { is_closed_ = true; }

void HttpOrigin::Exchange::reset() {
  const linger at_once = {1, 0};
  static_cast<void>(::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
  is_closed_ = true;
}

HttpOrigin::HttpOrigin() : listener_(listen_for_many()), port_(noted_port(listener_)) {
  otherwise_ = [](Exchange& exchange) { exchange.send(head_of(404, 0)); };
  acceptor_ = std::thread(&HttpOrigin::accept_all, this);
}

HttpOrigin::~HttpOrigin() {
  {
    std::lock_guard lock(mutex_);
    is_stopping_ = true;
    changed_.notify_all();
    // Whoever waits for one of them, in accept(), recv() or send(), is woken.
    static_cast<void>(::shutdown(listener_.get(), SHUT_RDWR));
    for (const int fd : open_fds_) static_cast<void>(::shutdown(fd, SHUT_RDWR));
  }
  acceptor_.join();
  for (std::thread& conversation : conversations_) conversation.join();
}

std::string HttpOrigin::url() const { return "http://127.0.0.1:" + std::to_string(port_); }

void HttpOrigin::on(const std::string& path, Script script) { scripts_[path] = std::move(script); }
void HttpOrigin::otherwise(Script script) { otherwise_ = std::move(script); }

void HttpOrigin::serve(const std::string& path, const Content& content) {
  on(path, [content](Exchange& exchange) {
    exchange.send(ok_head(content.size()));
    exchange.send_content(content, content.size());
  });
}

void HttpOrigin::accept_all() {
  for (;;) {
    UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const bool is_passing = errno == EINTR || errno == ECONNABORTED;
    std::lock_guard lock(mutex_);
    if (is_stopping_) return;
    if (!fd.valid() && is_passing) continue;
    if (!fd.valid()) return;
    send_at_once(fd.get());
    ++connections_;
    if (hangs_up_) continue;
    open_fds_.insert(fd.get());
    conversations_.emplace_back(
        [this, socket = std::move(fd)]() mutable { converse(std::move(socket)); });
  }
}

void HttpOrigin::converse(UniqueFd fd) {
  while (const std::optional<std::string> head = read_head(fd.get())) {
    Exchange exchange(*this, fd.get(), *head);
    answer(exchange);
    if (exchange.is_closed()) break;
  }
  // In this order: the number may be another connection's as soon as it is closed.
  std::lock_guard lock(mutex_);
  open_fds_.erase(fd.get());
  fd.reset();
}

void HttpOrigin::answer(Exchange& exchange) {
  {
    std::lock_guard lock(mutex_);
    targets_.push_back(exchange.target());
    most_at_once_ = std::max(most_at_once_, ++at_once_);
    changed_.notify_all();
  }
  bool is_gone = false;
  try {
    script_for(exchange.target())(exchange);
  } catch (const Gone&) {
    is_gone = true;
    exchange.close();
  }
  std::lock_guard lock(mutex_);
  --at_once_;
  ended_early_ += is_gone;
  changed_.notify_all();
}

HttpOrigin::Script HttpOrigin::script_for(const std::string& target) {
  const auto script = scripts_.find(target.substr(0, target.find('?')));
  return script == scripts_.end() ? otherwise_ : script->second;
}

std::vector<std::string> HttpOrigin::targets() const {
  std::lock_guard lock(mutex_);
  return targets_;
}

int HttpOrigin::connections() const {
  std::lock_guard lock(mutex_);
  return connections_;
}

int HttpOrigin::at_once() const {
  std::lock_guard lock(mutex_);
  return at_once_;
}

int HttpOrigin::most_at_once() const {
  std::lock_guard lock(mutex_);
  return most_at_once_;
}

std::uint64_t HttpOrigin::sent_bytes() const {
  std::lock_guard lock(mutex_);
  return sent_bytes_;
}

int HttpOrigin::ended_early() const {
  std::lock_guard lock(mutex_);
  return ended_early_;
}

bool HttpOrigin::wait_until(const std::function<bool()>& holds, Deadline deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::milliseconds(deadline.remaining_ms()), holds);
}

bool HttpOrigin::wait_for_at_once(int count, Deadline deadline) {
  return wait_until([this, count] { return at_once_ >= count; }, deadline);
}

bool HttpOrigin::wait_for_requests(std::size_t count, Deadline deadline) {
  return wait_until([this, count] { return targets_.size() >= count; }, deadline);
}

bool HttpOrigin::wait_for_ended_early(int count, Deadline deadline) {
  return wait_until([this, count] { return ended_early_ >= count; }, deadline);
}

bool HttpOrigin::wait_for_more_sent(std::uint64_t bytes, Deadline deadline) {
  return wait_until([this, bytes] { return sent_bytes_ > bytes; }, deadline);
}

void HttpOrigin::open_gate() {
  std::lock_guard lock(mutex_);
  gate_is_open_ = true;
  changed_.notify_all();
}

}  // namespace kit::proxy_lab
