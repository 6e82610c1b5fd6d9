#include "grader/grade/archive_writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <memory>

#include "grader/grade/errors.h"

namespace kit::grade {
namespace {

struct Read {
  std::map<std::string, std::string> files;
  std::map<std::string, unsigned> modes;
};

Read read_back(const std::string& bytes) {
  const std::unique_ptr<archive, int (*)(archive*)> reader(archive_read_new(), archive_read_free);
  archive_read_support_filter_all(reader.get());
  archive_read_support_format_all(reader.get());
  EXPECT_EQ(archive_read_open_memory(reader.get(), bytes.data(), bytes.size()), ARCHIVE_OK);
  Read read;
  archive_entry* entry = nullptr;
  while (archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK) {
    std::string content(static_cast<std::size_t>(archive_entry_size(entry)), '\0');
    archive_read_data(reader.get(), content.data(), content.size());
    read.files[archive_entry_pathname(entry)] = content;
    read.modes[archive_entry_pathname(entry)] = archive_entry_perm(entry);
    EXPECT_EQ(archive_entry_uid(entry), 0);
    EXPECT_EQ(archive_entry_mtime(entry), 315532800);
  }
  return read;
}

const ArchiveFiles kFiles = {{"a/b.cc", {std::string("one\0two", 7)}},
                             {"run", {"#!/bin/sh\n", true}}};

TEST(Archive, IsReadBackAsItWasWritten) {
  for (ArchiveFormat format : {ArchiveFormat::kTarGz, ArchiveFormat::kZip}) {
    const Read read = read_back(make_archive(format, kFiles));
    ASSERT_EQ(read.files.size(), 2u);
    EXPECT_EQ(read.files.at("a/b.cc"), std::string("one\0two", 7));
    EXPECT_EQ(read.modes.at("a/b.cc"), 0644u);
    EXPECT_EQ(read.modes.at("run"), 0755u);
  }
}

// Byte 4 to 7 of gzip's header are the time of writing (RFC 1952).
TEST(Archive, HasNoTimeOfWriting) {
  const std::string bytes = make_archive(ArchiveFormat::kTarGz, kFiles);
  ASSERT_GT(bytes.size(), 8u);
  EXPECT_EQ(bytes.substr(4, 4), std::string(4, '\0'));
  EXPECT_EQ(bytes, make_archive(ArchiveFormat::kTarGz, kFiles));
}

TEST(ArchiveName, MustSayWhatTheArchiveIs) {
  EXPECT_NO_THROW(require_archive_name("x.tar.gz", ArchiveFormat::kTarGz));
  EXPECT_NO_THROW(require_archive_name("x.zip", ArchiveFormat::kZip));
  EXPECT_THROW(require_archive_name("x.zip", ArchiveFormat::kTarGz), UsageError);
  EXPECT_THROW(require_archive_name("", ArchiveFormat::kZip), UsageError);
}

}  // namespace
}  // namespace kit::grade
