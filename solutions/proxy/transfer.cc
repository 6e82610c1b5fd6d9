#include "transfer.h"

//~ begin step 2: Headers that you need.
#include <array>
#include <exception>
#include <stdexcept>

#include "send_all.h"
//~ end

namespace proxy {

//~ begin step 2: Functions of your own can stand here.
namespace {

// The body of an error page is of no use here. But a connection can be kept for the next request
// only when the whole response has been read, so a small one is read.
constexpr std::uint64_t kMaxDiscard = 64 * 1024;

// All headers of a response together, those of redirects included. libcurl keeps them in memory.
constexpr std::uint64_t kMaxHeaders = 256 * 1024;

// How often to look whether the client is still there.
constexpr std::int64_t kLookEveryMs = 500;

template <typename Value>
void set(CURL* handle, CURLoption option, Value value) {
  CURLcode code = ::curl_easy_setopt(handle, option, value);
  if (code != CURLE_OK) throw std::runtime_error(::curl_easy_strerror(code));
}

long http_status(CURL* handle) {
  long status = 0;
  ::curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

// What the response says about the length of its body; -1 when it does not.
curl_off_t content_length(CURL* handle) {
  curl_off_t length = -1;
  ::curl_easy_getinfo(handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  return length;
}

}  // namespace
//~ end

gfstatus_t status_for(long http_status) {
  //~ begin step 2: See the header.
  //~| (void)http_status;
  //~| return GF_ERROR;
  if (200 <= http_status && http_status < 300) return GF_OK;
  if (http_status == 403 || http_status == 404 || http_status == 410) return GF_FILE_NOT_FOUND;
  return GF_ERROR;
  //~ end
}

//~ begin step 2: Keep what you were given.
//~| Transfer::Transfer(gfcontext_t* client, Origin& origin) {
//~|   (void)client;
//~|   (void)origin;
//~| }
Transfer::Transfer(gfcontext_t* client, Origin& origin) : client_(client), origin_(origin) {}
//~ end

ssize_t Transfer::run(const std::string& url) {
  //~ begin step 2: Set what is different for each request, and let libcurl do it
  //~   (curl_easy_perform(3)). Think of an empty body: libcurl does not call back for it.
  //~| (void)url;
  //~| return -1;
  set_up(url);
  CURLcode code = ::curl_easy_perform(origin_.handle());
  return finish(code) ? static_cast<ssize_t>(sent_) : -1;
  //~ end
}

//~ begin step 2: The parts of run(). Nothing that is thrown may pass through libcurl, which is
//~   written in C.
void Transfer::set_up(const std::string& url) {
  CURL* handle = origin_.handle();
  set(handle, CURLOPT_URL, url.c_str());
  set(handle, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  set(handle, CURLOPT_WRITEDATA, this);
  watch();
}

// libcurl has a piece of the body. Any other result than `count` ends the transfer.
std::size_t Transfer::on_body(char* data, std::size_t, std::size_t count, void* self) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  try {
    return transfer.take(std::string_view(data, count)) ? count : 0;
  } catch (const std::exception&) {
    return 0;  // the disk is full
  }
}

bool Transfer::take(std::string_view piece) {
  if (body_ == Body::kNotBegun && !begin()) return false;
  switch (body_) {
    case Body::kSend:
      if (!send_all(client_, piece)) return false;
      sent_ += piece.size();
      return true;
    case Body::kSpool:
      spool_->append(piece);
      return true;
    default:
      discarded_ += piece.size();
      return discarded_ <= kMaxDiscard;
  }
}

// All headers are here. What is to be done with the body, and what is the client told already?
bool Transfer::begin() {
  gfstatus_t status = status_for(http_status(origin_.handle()));
  curl_off_t length = content_length(origin_.handle());
  if (status != GF_OK) {
    body_ = Body::kDiscard;
    return gfs_sendheader(client_, status, 0) >= 0;
  }
  if (length < 0) {
    body_ = Body::kSpool;
    spool_.emplace();
    return true;
  }
  body_ = Body::kSend;
  return gfs_sendheader(client_, GF_OK, static_cast<std::uint64_t>(length)) >= 0;
}

// libcurl is done. True when the client has been told all there is to tell.
bool Transfer::finish(CURLcode code) {
  bool is_whole = code == CURLE_OK;
  // There was no body, or none of it came. A 404 is a 404 without its error page, too.
  bool is_clear = is_whole || status_for(http_status(origin_.handle())) != GF_OK;
  if (body_ == Body::kNotBegun && is_clear && !begin()) return false;
  switch (body_) {
    case Body::kSend:
      return is_whole && client_->bytes_left() == 0;
    case Body::kSpool:
      return is_whole && send_spool();
    case Body::kDiscard:
      return true;  // the client knows; whether the error page was whole does not matter
    case Body::kNotBegun:
      break;
  }
  return false;  // nothing came: the client will be told ERROR
}
//~ end

//~ begin step 4: Bodies without a length, endless headers, and work that nobody waits for.
void Transfer::watch() {
  CURL* handle = origin_.handle();
  set(handle, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  set(handle, CURLOPT_HEADERDATA, this);
  set(handle, CURLOPT_XFERINFOFUNCTION, &Transfer::on_progress);
  set(handle, CURLOPT_XFERINFODATA, this);
  set(handle, CURLOPT_NOPROGRESS, 0L);
}

// libcurl has a line of the headers.
std::size_t Transfer::on_header(char*, std::size_t, std::size_t count, void* self) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.header_bytes_ += count;
  return transfer.header_bytes_ <= kMaxHeaders ? count : 0;
}

// libcurl calls this often, and once a second when nothing happens. Not 0 ends the transfer.
int Transfer::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
  return static_cast<Transfer*>(self)->is_in_vain() ? 1 : 0;
}

bool Transfer::is_in_vain() {
  if (client_->is_aborted()) return true;
  // While the body arrives, gfs_send() tells when the client has gone. While nothing arrives,
  // nobody does; so it is asked for, but not each time: that is a system call.
  if (!next_look_.has_passed()) return false;
  next_look_ = support::Deadline::after_ms(kLookEveryMs);
  return client_->client_has_gone();
}

// The end of the body has come, and with it the length.
bool Transfer::send_spool() {
  if (gfs_sendheader(client_, GF_OK, spool_->size()) < 0) return false;
  std::array<char, 64 * 1024> buffer;
  while (std::size_t count = spool_->read(buffer)) {
    if (!send_all(client_, std::string_view(buffer.data(), count))) return false;
    sent_ += count;
  }
  return true;
}
//~ end

}  // namespace proxy
