#include "grader/dipc/busy_clients.h"

#include <atomic>
#include <string>

#include "grader/harness/check.h"
#include "grader/harness/poll.h"
#include "grader/harness/stage.h"

namespace kit::dipc_lab {
namespace {

constexpr int kAnswers = 60;

void use_until_the_end(DipcPeer peer, std::atomic<int>& answers) {
  const std::string text = long_text(900);
  try {
    for (;;) {
      require_same("the answer to a write", peer.write(0, text), "ok 0");
      require_same("the answer to `r 0`", peer.read(0), holding(text));
      ++answers;
    }
  } catch (const PeerClosed& closed) {
    // It should end between two answers.
    const std::string what = closed.what();
    if (what.find("a line was expected; nothing") == std::string::npos) {
      fail("whole answers until the end", what);
    }
  } catch (const PeerReset&) {
    // It sent something after the server's end. That is nobody's fault.
  }
  peer.tcp().close();  // or the server would wait for that a little
}

}  // namespace

void stop_while_busy(const std::vector<DipcPeer>& peers, const std::function<void()>& stop) {
  const int count = static_cast<int>(peers.size());
  std::atomic<int> answers = 0;
  in_parallel(count + 1, [&](int i) {
    if (i < count) return use_until_the_end(peers[i], answers);
    if (!poll_until(deadline(), [&] { return answers >= kAnswers; })) {
      fail_hung("the server answers 60 writes and reads of six clients");
    }
    stop();
  });
}

}  // namespace kit::dipc_lab
