// HttpOrigin: an HTTP server that behaves as badly as a check wants, and that remembers what it
// saw.
//
//     HttpOrigin origin;
//     origin.serve("/a", Content(1000));
//     origin.on("/short", [](HttpOrigin::Exchange& exchange) {
//       exchange.send(ok_head(1000) + "only a few");
//       exchange.close();
//     });
//     const Server proxy = start_proxy(origin.url());
//
// A script is what is done about a request for one path. It runs on the thread of its connection.
// When it returns, the next request of the connection is read, unless the script has closed it.
//
// Ownership: owns its socket, connections and threads; its destructor wakes and joins them all.
// Thread-safety: on() and serve() before the first request; the rest from any thread.
// Errors: when the proxy has gone, a script is ended by an exception of the origin's own.
// Source: RFC 9112.
#ifndef GRADER_PROXY_HTTP_ORIGIN_H_
#define GRADER_PROXY_HTTP_ORIGIN_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "grader/harness/content.h"
#include "grader/harness/deadline.h"
#include "grader/harness/fd.h"

namespace kit::proxy_lab {

// The header of a response: "HTTP/1.1 404 ...", a Content-Length if there is one, and further
// lines, each with its line end.
std::string head_of(int status, std::optional<std::uint64_t> length, const std::string& more = "");
inline std::string ok_head(std::uint64_t length) { return head_of(200, length); }

class HttpOrigin {
 public:
  // One request and its answer.
  class Exchange {
   public:
    Exchange(HttpOrigin& origin, int fd, std::string head);

    // What stands between the method and the version, "/a?b".
    const std::string& target() const { return target_; }

    void send(std::string_view bytes);
    void send_content(const Content& content, std::uint64_t count);

    // Lets some milliseconds pass, so that what was sent arrives by itself.
    void pause();
    // Waits until open_gate() is called.
    void wait_at_gate();
    // Waits until the proxy ends the connection.
    void wait_for_end();
    void close();
    void reset();
    bool is_closed() const { return is_closed_; }

   private:
    HttpOrigin& origin_;
    const int fd_;
    std::string target_;
    bool is_closed_ = false;
  };
  using Script = std::function<void(Exchange&)>;

  HttpOrigin();
  ~HttpOrigin();
  HttpOrigin(const HttpOrigin&) = delete;
  HttpOrigin& operator=(const HttpOrigin&) = delete;

  std::string url() const;

  // What is done about requests for this path; what comes after a '?' is no part of it.
  void on(const std::string& path, Script script);
  // The same for a path that no script is for. Without it, the answer is 404.
  void otherwise(Script script);
  void serve(const std::string& path, const Content& content);
  // From now on connections are counted, and closed at once.
  void hang_up() { hangs_up_ = true; }

  // --- What it saw.
  std::vector<std::string> targets() const;  // of all requests, in the order of their arrival
  int connections() const;                   // so many were made
  int at_once() const;                       // requests that are being answered now ...
  int most_at_once() const;                  // ... and the most that ever were
  std::uint64_t sent_bytes() const;
  int ended_early() const;  // answers that the proxy did not wait for

  // Until so many requests are being answered at the same time, have come, or were given up by the
  // proxy. False when the deadline comes first.
  bool wait_for_at_once(int count, Deadline deadline);
  bool wait_for_requests(std::size_t count, Deadline deadline);
  bool wait_for_ended_early(int count, Deadline deadline);
  // Until more than `bytes` have been sent.
  bool wait_for_more_sent(std::uint64_t bytes, Deadline deadline);

  void open_gate();

 private:
  struct Gone {};

  void accept_all();
  void converse(UniqueFd fd);
  void answer(Exchange& exchange);
  Script script_for(const std::string& target);
  bool wait_until(const std::function<bool()>& holds, Deadline deadline);

  UniqueFd listener_;
  std::uint16_t port_;
  std::map<std::string, Script> scripts_;
  Script otherwise_;
  std::atomic<bool> hangs_up_{false};

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::set<int> open_fds_;
  std::vector<std::string> targets_;
  int connections_ = 0;
  int at_once_ = 0;
  int most_at_once_ = 0;
  int ended_early_ = 0;
  std::uint64_t sent_bytes_ = 0;
  bool gate_is_open_ = false;
  bool is_stopping_ = false;

  std::vector<std::thread> conversations_;  // used by acceptor_ only, while it runs
  std::thread acceptor_;
};

}  // namespace kit::proxy_lab

#endif  // GRADER_PROXY_HTTP_ORIGIN_H_
