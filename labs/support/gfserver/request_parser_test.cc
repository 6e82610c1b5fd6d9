#include "labs/support/gfserver/request_parser.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace gfs {
namespace {

using State = RequestParser::State;

State judge(std::string_view bytes, Wire wire = Wire::kDocumented) {
  return RequestParser(wire).feed(bytes);
}

std::string path_of(std::string_view bytes, Wire wire = Wire::kDocumented) {
  RequestParser parser(wire);
  return parser.feed(bytes) == State::kComplete ? parser.path() : "none";
}

// A request of exactly `size` bytes.
std::string request_of_size(std::size_t size) {
  std::string request = "GETFILE GET /";
  request.append(size - request.size() - 4, 'x');
  return request + "\r\n\r\n";
}

TEST(RequestParser, FindsThePath) {
  EXPECT_EQ(path_of("GETFILE GET /road.jpg\r\n\r\n"), "/road.jpg");
  EXPECT_EQ(path_of("GETFILE GET /\r\n\r\n"), "/");
}

TEST(RequestParser, TakesEveryByteThatIsNoControlCharacter) {
  EXPECT_EQ(path_of("GETFILE GET /a b %20 ?x=# \x7f\xc3\xa9\r\n\r\n"),
            "/a b %20 ?x=# \x7f\xc3\xa9");
}

TEST(RequestParser, TakesPiecesOfAnySize) {
  std::string request = "GETFILE GET /some/path\r\n\r\n";
  for (std::size_t size = 1; size <= request.size(); ++size) {
    RequestParser parser(Wire::kDocumented);
    for (std::size_t at = 0; at < request.size(); at += size) {
      ASSERT_EQ(parser.state(), State::kIncomplete) << "at " << at;
      parser.feed(std::string_view(request).substr(at, size));
    }
    EXPECT_EQ(parser.state(), State::kComplete) << "in pieces of " << size;
    EXPECT_EQ(parser.path(), "/some/path") << "in pieces of " << size;
  }
}

TEST(RequestParser, IgnoresWhatComesBehind) {
  RequestParser parser(Wire::kDocumented);
  parser.feed("GETFILE GET /a\r\n\r\nGETFILE GET /b\r\n\r\n");
  EXPECT_EQ(parser.feed("GETFILE GET /c\r\n\r\n"), State::kComplete);
  EXPECT_EQ(parser.path(), "/a");
}

TEST(RequestParser, RefusesAsSoonAsItIsCertain) {
  EXPECT_EQ(judge("GETFILE GET "), State::kIncomplete);
  EXPECT_EQ(judge("GETFILE GET a"), State::kInvalid);
  EXPECT_EQ(judge("H"), State::kInvalid);
  EXPECT_EQ(judge("GETFILE PUT"), State::kInvalid);
  EXPECT_EQ(judge("getfile"), State::kInvalid);
  EXPECT_EQ(judge("GETFILE  GET"), State::kInvalid);
}

TEST(RequestParser, RefusesControlCharacters) {
  EXPECT_EQ(judge("GETFILE GET /a\n"), State::kInvalid);
  EXPECT_EQ(judge("GETFILE GET /a\tb"), State::kInvalid);
  EXPECT_EQ(judge(std::string_view("GETFILE GET /a\0", 15)), State::kInvalid);
  EXPECT_EQ(judge("GETFILE GET /a\r\nb"), State::kInvalid);
  EXPECT_EQ(judge("GETFILE GET /a\r\n\r"), State::kIncomplete);
}

TEST(RequestParser, TakesExactlyEightKibibytes) {
  EXPECT_EQ(judge(request_of_size(kMaxHeader)), State::kComplete);
  EXPECT_EQ(judge(request_of_size(kMaxHeader + 1)), State::kInvalid);
}

TEST(RequestParser, RefusesAnEndlessHeaderWithoutWaitingForItsEnd) {
  RequestParser parser(Wire::kDocumented);
  parser.feed("GETFILE GET /");
  std::size_t fed = 13;
  for (; parser.state() == State::kIncomplete && fed < 2 * kMaxHeader; ++fed) parser.feed("x");
  EXPECT_EQ(parser.state(), State::kInvalid);
  EXPECT_EQ(fed, kMaxHeader + 1);
}

TEST(RequestParser, StockEndsAtTheFirstNewline) {
  EXPECT_EQ(path_of("GETFILE GET /a\n", Wire::kStock), "/a");
  EXPECT_EQ(path_of("GETFILE GET /a\r\n", Wire::kStock), "/a");
  EXPECT_EQ(path_of("GETFILE GET /a\r\n\r\n", Wire::kStock), "/a");
  EXPECT_EQ(path_of("GETFILE GET /a \n", Wire::kStock), "/a");
  EXPECT_EQ(judge("GETFILE GET /a\rb", Wire::kStock), State::kInvalid);
}

TEST(RequestParser, StockTakesTheWordsInEitherCase) {
  EXPECT_EQ(path_of("getfile Get /A\n", Wire::kStock), "/A");
  EXPECT_EQ(judge("getfolder", Wire::kStock), State::kInvalid);
}

TEST(Wire, HasTwoDialects) {
  EXPECT_EQ(parse_wire("documented"), Wire::kDocumented);
  EXPECT_EQ(parse_wire("stock"), Wire::kStock);
  EXPECT_EQ(parse_wire("Stock"), std::nullopt);
}

TEST(Wire, HasTheHeadersOfBoth) {
  std::uint64_t most = UINT64_MAX;
  EXPECT_EQ(format_header(Wire::kDocumented, Status::kOk, 0), "GETFILE OK 0\r\n\r\n");
  EXPECT_EQ(format_header(Wire::kDocumented, Status::kOk, most),
            "GETFILE OK 18446744073709551615\r\n\r\n");
  EXPECT_EQ(format_header(Wire::kDocumented, Status::kInvalid, 0), "GETFILE INVALID\r\n\r\n");
  EXPECT_EQ(format_header(Wire::kStock, Status::kOk, 7), "GETFILE OK 7 ");
  EXPECT_EQ(format_header(Wire::kStock, Status::kFileNotFound, 0), "GETFILE FILE_NOT_FOUND 0\n");
  EXPECT_EQ(format_header(Wire::kStock, Status::kError, 0), "GETFILE ERROR 0\n");
  EXPECT_EQ(format_header(Wire::kStock, Status::kInvalid, 0), "");
}

}  // namespace
}  // namespace gfs
