// Step 1: a handler that serves from memory. file_server puts the files of a folder there.
#include <string>

#include "grader/harness/check.h"
#include "grader/harness/content.h"
#include "grader/harness/stage.h"
#include "grader/proxy/getfile_client.h"
#include "grader/proxy/proxy_stage.h"

namespace kit::proxy_lab {
namespace {

constexpr int kSmallBufferBytes = 4096;

constexpr char kFunction[] = "proxy::handle_with_memory";

void write_file(const std::string& name, const Content& content) {
  static_cast<void>(kit::write_file("files/" + name, content.all()));
}

Server start_memory_server() {
  return start_server("file_server", {"-p", "0", "--memory", "files"});
}

KIT_CHECK(
    Memory, ServesAFile, .why = "A client asks for a path and wants what is there.",
    .hint = "Find the path, send the header with the length, then the content with send_all().",
    .function = kFunction) {
  const Content content(40);  // of bytes that are not 0
  write_file("folder/a", content);
  require_file(start_memory_server(), "/folder/a", content);
}

KIT_CHECK(
    Memory, TellsWhatIsNotThere,
    .why = "A client must be able to tell a missing file from an empty one, and from a failure.",
    .hint = "gfs_sendheader(ctx, GF_FILE_NOT_FOUND, 0), and nothing after it.",
    .function = kFunction) {
  write_file("a", Content(10));
  const Server server = start_memory_server();
  for (const char* path : {"/b", "/a/", "/", "/A", "/aa"})
    require_status(server, path, "FILE_NOT_FOUND");
}

KIT_CHECK(
    Memory, KeepsEveryByte,
    .why = "Most files are no text: any byte may be in them, a NUL too. And a file may be empty.",
    .hint =
        "The length is the string's size(). Whatever stops at a NUL (strlen(), c_str()) is wrong.",
    .function = kFunction) {
  // In so many random bytes there are NULs.
  const std::uint64_t sizes[] = {0, 1, 5000, 65'536, 1'048'576 - 987, 1'048'576 + 987};
  for (const std::uint64_t size : sizes)
    write_file(std::to_string(size), Content(size, seed() + size));
  const Server server = start_memory_server();
  for (const std::uint64_t size : sizes) {
    require_file(server, "/" + std::to_string(size), Content(size, seed() + size));
  }
}

KIT_CHECK(
    Memory, SendsAllToASlowReader,
    .why =
        "A client that reads slowly fills its connection, and gfs_send() then takes a part only.",
    .hint =
        "gfs_send() returns how many bytes it took: call it again with the rest, until none is "
        "left.",
    .function = "proxy::send_all") {
  const Content content(8 << 20);
  write_file("large", content);
  const Server server = start_memory_server();
  did("the client's connection takes a few KB at a time");
  GetfileClient client(server, Wire::kDocumented, kSmallBufferBytes);
  client.ask("/large");
  wait_until_asleep(server);  // so it has sent what fits into the connection, which is half of it
  client.require_file(content);
}

KIT_CHECK(Memory, SurvivesClientsThatBreakOff,
          .why = "Clients go away in the middle. The next one must be served all the same.",
          .hint = "gfs_send() returns -1 when the client has gone. Then stop, and return -1.",
          .function = "proxy::send_all") {
  const Content content(8 << 20);
  write_file("large", content);
  const Server server = start_memory_server();
  did("three clients read a little of 8 MiB, and break the connection off");
  for (int i = 0; i < 3; ++i) {
    GetfileClient client(server, Wire::kDocumented, kSmallBufferBytes);
    client.ask("/large");
    client.require_header("GETFILE OK " + std::to_string(content.size()));
    client.require_content(content, 0, 1000);
    client.reset();
  }
  did("the next one reads all of it");
  require_file(server, "/large", content);
}

KIT_CHECK(
    Memory, SpeaksBothDialects,
    .why = "The programs of the original course speak another dialect of GETFILE.",
    .hint = "The library knows the dialect. Say what there is to say by gfs_sendheader() alone.",
    .function = kFunction) {
  const Content content(3000);
  write_file("a", content);
  const Server server =
      start_server("file_server", {"-p", "0", "--wire", "stock", "--memory", "files"});
  require_file(server, "/a", content, Wire::kStock);
  require_status(server, "/b", "FILE_NOT_FOUND", Wire::kStock);
}

}  // namespace
}  // namespace kit::proxy_lab
