#include "grader/grade/archive_writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <memory>

#include "grader/grade/errors.h"

namespace kit::grade {
namespace {

// 1980-01-01, the earliest that a zip can say.
constexpr time_t kDate = 315532800;

struct Free {
  void operator()(archive* writer) const { archive_write_free(writer); }
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using Writer = std::unique_ptr<archive, Free>;
using Entry = std::unique_ptr<archive_entry, Free>;

void require(int result, archive* writer) {
  if (result == ARCHIVE_OK) return;
  const char* why = archive_error_string(writer);
  throw GraderError(std::string("cannot make the archive: ") + (why != nullptr ? why : "?"));
}

la_ssize_t append(archive*, void* out, const void* bytes, std::size_t size) {
  static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

void set_format(archive* writer, ArchiveFormat format) {
  if (format == ArchiveFormat::kZip) return require(archive_write_set_format_zip(writer), writer);
  require(archive_write_add_filter_gzip(writer), writer);
  // Else the header of gzip has the time of writing.
  require(archive_write_set_options(writer, "gzip:!timestamp"), writer);
  require(archive_write_set_format_pax_restricted(writer), writer);
}

Entry entry_of(const std::string& name, const ArchiveFile& file) {
  Entry entry(archive_entry_new());
  if (entry == nullptr) throw GraderError("cannot make the archive: out of memory");
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), file.is_executable ? 0755 : 0644);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(file.content.size()));
  archive_entry_set_mtime(entry.get(), kDate, 0);
  return entry;
}

void add(archive* writer, const std::string& name, const ArchiveFile& file) {
  const Entry entry = entry_of(name, file);
  require(archive_write_header(writer, entry.get()), writer);
  const la_ssize_t written = archive_write_data(writer, file.content.data(), file.content.size());
  if (written != static_cast<la_ssize_t>(file.content.size())) require(ARCHIVE_FATAL, writer);
}

}  // namespace

std::string make_archive(ArchiveFormat format, const ArchiveFiles& files) {
  std::string out;
  const Writer writer(archive_write_new());
  if (writer == nullptr) throw GraderError("cannot make the archive: out of memory");
  set_format(writer.get(), format);
  require(archive_write_set_bytes_in_last_block(writer.get(), 1), writer.get());  // no padding
  require(archive_write_open(writer.get(), &out, nullptr, append, nullptr), writer.get());
  for (const auto& [name, file] : files) add(writer.get(), name, file);
  require(archive_write_close(writer.get()), writer.get());
  return out;
}

ArchiveFile read_archive_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw_errno("cannot read " + file.string());
  return {{std::istreambuf_iterator<char>(in), {}}, access(file.c_str(), X_OK) == 0};
}

void require_archive_name(const std::string& output, ArchiveFormat format) {
  const bool is_zip = format == ArchiveFormat::kZip;
  const bool is_named_so =
      is_zip ? output.ends_with(".zip") : output.ends_with(".tar.gz") || output.ends_with(".tgz");
  if (is_named_so) return;
  throw UsageError("--output wants a name that ends in " +
                   std::string(is_zip ? ".zip" : ".tar.gz") + ", not '" + output + "'");
}

}  // namespace kit::grade
