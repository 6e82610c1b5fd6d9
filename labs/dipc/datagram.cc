#include "datagram.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace dipc {

// TODO(step 3): Functions of your own can stand here.
DatagramParser::DatagramParser(std::size_t packet_bytes) { (void)packet_bytes; }

std::optional<Request> DatagramParser::next() {
  // TODO(step 3): Go on from where the stream stands, until there is a whole request or nothing
  // more to go on with. What on_pause() and the others told is used up here.
  return std::nullopt;
}

DatagramParser::Wait DatagramParser::waits_for() const {
  // TODO(step 3): A pause ends a line that is whole, and open data of which something has come.
  return Wait::kBytes;
}

void DatagramParser::on_bytes(std::string_view bytes) {
  // TODO(step 3): Keep them for next().
  (void)bytes;
}

void DatagramParser::on_pause() {
  // TODO(step 3): Remember it for next().
}

void DatagramParser::on_data_timeout() {
  // TODO(step 3): Remember it for next().
}

void DatagramParser::on_end() {
  // TODO(step 3): Remember it: it stays true.
}

std::span<char> DatagramParser::space() {
  // TODO(step 3): Room behind what has come. Somebody who announces a gigabyte has not sent it yet:
  // let the buffer grow with what comes.
  return {};
}

void DatagramParser::received(std::size_t count) {
  // TODO(step 3): So much of space() holds bytes of the stream now.
  (void)count;
}

// TODO(step 3): The parts of next().

std::string format_ok(std::uint64_t length) {
  // TODO(step 3): The status line.
  (void)length;
  return "";
}

std::string format_error(Reason reason) {
  // TODO(step 3): The status line: bad-request, no-such-mailbox, too-big or timeout.
  (void)reason;
  return "";
}

}  // namespace dipc
