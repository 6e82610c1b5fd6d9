// Calls on a FileContent. Setup: how many bytes the file has; they follow from where they stand.
//
//   size                  "100"
//   read OFFSET BYTES     read_at() with room for so many: "10 bytes"; or which byte is wrong
//   read_all OFFSET BYTES read_at() again and again, from there to the end, so many at a time
//   offset                where the descriptor's own offset is; it was at 3 in the beginning: "3"
//   no_file               the constructor on a pipe: what it threw
#include <sys/mman.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "content.h"
#include "grader/harness/probe.h"

namespace {

constexpr off_t kOffset = 3;

char byte_at(std::uint64_t at) { return static_cast<char>((at * 2654435761u) >> 7); }

std::string bytes_of(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

int make_file(std::size_t bytes) {
  std::string content(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) content[i] = byte_at(i);
  const int fd = ::memfd_create("content", MFD_CLOEXEC);
  const bool is_made = fd >= 0 &&
                       ::write(fd, content.data(), bytes) == static_cast<ssize_t>(bytes) &&
                       ::lseek(fd, kOffset, SEEK_SET) == kOffset;
  if (!is_made) throw kit::UnknownCall{"memfd_create"};
  return fd;
}

class ContentAdapter : public kit::Adapter {
 public:
  explicit ContentAdapter(std::size_t bytes) : fd_(make_file(bytes)), content_(fd_) {}
  ~ContentAdapter() override { ::close(fd_); }

  std::string call(const std::string& name, const kit::Words& args) override {
    if (name == "size") return std::to_string(content_.size());
    if (name == "read") return read(std::stoull(args.at(0)), std::stoul(args.at(1))).second;
    if (name == "read_all") return read_all(std::stoull(args.at(0)), std::stoul(args.at(1)));
    if (name == "offset") return std::to_string(::lseek(fd_, 0, SEEK_CUR));
    if (name == "no_file") return no_file();
    throw kit::UnknownCall{name};
  }

 private:
  std::pair<std::size_t, std::string> read(std::uint64_t offset, std::size_t bytes) const {
    std::vector<char> room(bytes);
    const std::size_t count = content_.read_at(offset, room);
    if (count > bytes) return {0, "more bytes than there is room for"};
    for (std::size_t i = 0; i < count; ++i) {
      if (room[i] != byte_at(offset + i))
        return {0, "byte " + std::to_string(offset + i) + " is wrong"};
    }
    return {count, bytes_of(count)};
  }

  std::string read_all(std::uint64_t offset, std::size_t bytes) const {
    std::uint64_t all = 0;
    for (;;) {
      const auto [count, text] = read(offset + all, bytes);
      if (count == 0) return text == "0 bytes" ? bytes_of(all) : text;
      all += count;
    }
  }

  static std::string no_file() {
    int ends[2];
    if (::pipe(ends) != 0) throw kit::UnknownCall{"pipe"};
    std::string said = "nothing was thrown";
    try {
      const proxy_cache::FileContent content(ends[0]);
    } catch (const std::system_error&) {
      said = "system_error";
    }
    ::close(ends[0]);
    ::close(ends[1]);
    return said;
  }

  const int fd_;
  const proxy_cache::FileContent content_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<ContentAdapter>(std::stoul(setup.at(0)));
}
