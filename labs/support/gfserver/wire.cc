#include "labs/support/gfserver/wire.h"

namespace gfs {
namespace {

constexpr std::string_view word_for(Status status) {
  switch (status) {
    case Status::kOk:
      return "OK";
    case Status::kFileNotFound:
      return "FILE_NOT_FOUND";
    case Status::kError:
      return "ERROR";
    case Status::kInvalid:
      break;
  }
  return "INVALID";
}

}  // namespace

std::optional<Wire> parse_wire(std::string_view word) {
  if (word == "documented") return Wire::kDocumented;
  if (word == "stock") return Wire::kStock;
  return std::nullopt;
}

std::string format_header(Wire wire, Status status, std::uint64_t length) {
  bool is_stock = wire == Wire::kStock;
  if (is_stock && status == Status::kInvalid) return "";
  std::string header = "GETFILE ";
  header += word_for(status);
  if (status == Status::kOk) {
    header += ' ';
    header += std::to_string(length);
    header += is_stock ? " " : "\r\n\r\n";
  } else {
    header += is_stock ? " 0\n" : "\r\n\r\n";
  }
  return header;
}

}  // namespace gfs
