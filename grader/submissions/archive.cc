#include "grader/submissions/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <memory>

namespace kit::grade {
namespace {

struct Closer {
  void operator()(archive* a) const { archive_read_free(a); }
};

EntryKind kind_of(archive_entry* entry) {
  if (archive_entry_hardlink(entry) != nullptr || archive_entry_symlink(entry) != nullptr ||
      archive_entry_filetype(entry) == AE_IFLNK) {
    return EntryKind::kLink;
  }
  if (archive_entry_filetype(entry) == AE_IFDIR) return EntryKind::kFolder;
  return archive_entry_filetype(entry) == AE_IFREG ? EntryKind::kFile : EntryKind::kOther;
}

// The bytes of the name as the archive has them: no locale has a say.
Entry entry_of(archive_entry* raw) {
  const char* path = archive_entry_pathname(raw);
  if (path == nullptr) path = archive_entry_pathname_utf8(raw);
  if (path == nullptr) throw IntakeError("the archive has an entry whose name cannot be read");
  return {path, kind_of(raw), archive_entry_size_is_set(raw) ? archive_entry_size(raw) : -1};
}

class Reader {
 public:
  Reader(const std::string& bytes, const IntakeLimits& limits) : limits_(limits), bytes_(bytes) {
    // Only these: each further format is more code that strangers' bytes could find a hole in.
    archive_read_support_format_zip(archive_.get());
    archive_read_support_format_tar(archive_.get());
    archive_read_support_filter_gzip(archive_.get());
    if (archive_read_open_memory(archive_.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) fail();
  }

  // Null at the end.
  archive_entry* next() {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(archive_.get(), &entry);
    if (status == ARCHIVE_EOF) return nullptr;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) fail();
    check_volume();
    return entry;
  }

  // The whole entry is read, whether it is wanted or not: so it is counted, however it is packed.
  // More than `most` bytes of it are not kept.
  std::string contents(std::int64_t most) {
    std::string out;
    std::array<char, 65536> buffer;
    while (true) {
      const la_ssize_t got = archive_read_data(archive_.get(), buffer.data(), buffer.size());
      if (got < 0) fail();
      if (got == 0) return out;
      unpacked_ += got;
      check_volume();
      if (static_cast<std::int64_t>(out.size()) <= most) out.append(buffer.data(), got);
    }
  }

 private:
  [[noreturn]] void fail() {
    const char* text = archive_error_string(archive_.get());
    throw IntakeError("the submission is no archive that can be read (.zip, .tar, .tar.gz): " +
                      printable_name(text == nullptr ? "damaged" : text));
  }

  void check_volume() const {
    const std::int64_t unpacked =
        std::max<std::int64_t>(unpacked_, archive_filter_bytes(archive_.get(), 0));
    if (unpacked > limits_.unpacked_bytes) {
      throw IntakeError("the submission unpacks to more than " +
                        std::to_string(limits_.unpacked_bytes >> 20) + " MiB");
    }
    const auto packed = static_cast<std::int64_t>(bytes_.size());
    if (unpacked > limits_.ratio_from_bytes && unpacked / limits_.ratio > packed) {
      throw IntakeError("the submission unpacks to more than " + std::to_string(limits_.ratio) +
                        " times its size, as nobody's code does");
    }
  }

  const IntakeLimits& limits_;
  const std::string& bytes_;
  std::unique_ptr<archive, Closer> archive_{archive_read_new()};
  std::int64_t unpacked_ = 0;
};

}  // namespace

void read_archive(const std::string& bytes, Sorter& sorter, const IntakeLimits& limits) {
  Reader reader(bytes, limits);
  while (archive_entry* raw = reader.next()) {
    const Entry entry = entry_of(raw);
    const std::string file = sorter.sort(entry);
    if (entry.bytes > limits.unpacked_bytes) {
      // It would have to be unpacked to get past it.
      throw IntakeError("the submission unpacks to more than " +
                        std::to_string(limits.unpacked_bytes >> 20) +
                        " MiB: " + printable_name(entry.path));
    }
    std::string contents = reader.contents(file.empty() ? -1 : limits.file_bytes);
    if (!file.empty()) sorter.take(entry, file, std::move(contents));
  }
}

}  // namespace kit::grade
