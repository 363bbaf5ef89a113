// HTTP/1 bodies: each row is read in one piece and one byte at a time.
#include "proxy/http/http1_body.h"

#include <string>
#include <vector>

#include "tests/support/test.h"

namespace devproxy {
namespace {

struct Reading {
  std::string data;
  std::string trailers;
  std::string why;
  std::size_t used = 0;
  bool ended = false;
};

Reading read(BodyFraming framing, std::uint64_t length, std::string_view bytes, std::size_t step) {
  BodyReader reader;
  reader.start(framing, length);
  Reading reading;
  for (std::size_t at = 0; at <= bytes.size(); at += step) {
    Bytes piece = bytes.substr(at, step);
    while (true) {
      Bytes data;
      const BodyReader::Event event = reader.next(piece, data);
      if (event == BodyReader::Event::data) {
        reading.data.append(data);
        continue;
      }
      if (event == BodyReader::Event::refused) {
        reading.why = reader.why();
        return reading;
      }
      if (event == BodyReader::Event::end) {
        reading.ended = true;
        reading.used = std::min(at + step, bytes.size()) - piece.size();
        if (reader.trailers() != nullptr) reader.trailers()->write_to(reading.trailers);
        return reading;
      }
      break;
    }
  }
  return reading;
}

}  // namespace

TEST_CASE("http1 body: chunked bodies are taken apart", "[proxy]") {
  struct Row {
    std::string bytes, data, trailers;
  };
  const std::vector<Row> rows = {
      {"0\r\n\r\n", "", ""},
      {"5\r\nhello\r\n0\r\n\r\n", "hello", ""},
      {"5\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n", "hello0123456789", ""},
      {"0005\r\nhello\r\n000\r\n\r\n", "hello", ""},
      {"5;a=b;c=\"d;e\"\r\nhello\r\n0;x\r\n\r\n", "hello", ""},
      {"5 \t;a\r\nhello\r\n0\r\n\r\n", "hello", ""},
      {"1\r\nx\r\n0\r\nA: b\r\nC:  d \r\n\r\n", "x", "A: b\r\nC:  d \r\n"},
      {"1\r\nx\r\n0\r\nContent-Length: 7\r\nHost: x\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n",
       "x", "A: b\r\n"},
      {"1\r\nx\r\n0\r\nX_Forwarded_For: 6.6.6.6\r\nA_B: c\r\nX-Forwarded_Host: x\r\n\r\n", "x",
       "A_B: c\r\n"},
  };
  for (const Row& row : rows) {
    for (const std::size_t step : {std::size_t{1} << 20U, std::size_t{1}}) {
      INFO(row.bytes << step << " bytes at a time");
      const Reading reading = read(BodyFraming::chunked, 0, row.bytes + "NEXT", step);
      CHECK(reading.why.empty());
      CHECK(reading.ended);
      CHECK(reading.data == row.data);
      CHECK(reading.trailers == row.trailers);
      CHECK(reading.used == row.bytes.size());
    }
  }
}

TEST_CASE("http1 body: bent chunks are refused", "[proxy]") {
  const std::vector<std::string> rows = {
      "\r\n",
      "x\r\n",
      "-1\r\n",
      "+1\r\n",
      "0x1\r\n",
      " 1\r\n",
      "1 \r\nx",
      "1 x\r\n",
      "1\nx\r\n",
      "1\r\rx\r\n",
      "1\rx",
      "1\r\nxy\r\n",
      "1\r\nx\ry",
      "1\r\nx\n0\r\n\r\n",
      "1\r\nx0\r\n\r\n",
      "1;\x01\r\nx",
      "1;a\nx\r\n",
      "1;a\rb\r\n",
      "ffffffffffffffff\r\n",
      "1\r\nx\r\n0\r\nA b\r\n\r\n",
      "0\r\nA: b\nC: d\r\n\r\n",
      "0\r\nA: b\r\n c\r\n\r\n",
      "0\r\n: b\r\n\r\n",
      "1;" + std::string(20'000, 'a') + "\r\nx\r\n",
  };
  for (const std::string& row : rows) {
    for (const std::size_t step : {std::size_t{1} << 20U, std::size_t{1}}) {
      INFO(row.substr(0, 100) << step << " bytes at a time");
      CHECK_FALSE(read(BodyFraming::chunked, 0, row, step).why.empty());
    }
  }
}

TEST_CASE("http1 body: a counted body ends at its length", "[proxy]") {
  for (const std::size_t step : {std::size_t{100}, std::size_t{1}}) {
    const Reading reading = read(BodyFraming::counted, 5, "helloNEXT", step);
    CHECK(reading.ended);
    CHECK(reading.data == "hello");
    CHECK(reading.used == 5);
  }
  CHECK_FALSE(read(BodyFraming::counted, 5, "hell", 100).ended);
}

TEST_CASE("http1 body: what is written can be read again", "[proxy]") {
  std::string out;
  BodyWriter writer;
  writer.start(BodyFraming::chunked);
  writer.write(out, "hello");
  writer.write(out, "");
  writer.write(out, std::string(70'000, 'x'));
  CHECK(writer.end(out, nullptr));
  const Reading reading = read(BodyFraming::chunked, 0, out, 4096);
  CHECK(reading.ended);
  CHECK(reading.data == "hello" + std::string(70'000, 'x'));
}

TEST_CASE("http1 body: a counted body is neither longer nor shorter than announced", "[proxy]") {
  std::string out;
  BodyWriter writer;
  writer.start(BodyFraming::counted, 5);
  writer.write(out, "hel");
  CHECK_FALSE(writer.end(out, nullptr));
  writer.write(out, "lo and more");
  CHECK(writer.end(out, nullptr));
  CHECK(out == "hello");
}

}  // namespace devproxy
