#include "cli/terminal/line_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "tests/support/sockets.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

/// A pipe whose reading end the test holds.
struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) std::abort();
    reader = Descriptor(ends[0]);
    writer = Descriptor(ends[1]);
    ::fcntl(reader.fd(), F_SETFL, O_NONBLOCK);
  }
  std::string read_all() const {
    std::string text;
    std::array<char, 65536> buffer{};
    for (ssize_t count = 0; (count = ::read(reader.fd(), buffer.data(), buffer.size())) > 0;) {
      text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return text;
  }

  Descriptor reader;
  Descriptor writer;
};

TEST_CASE("line writer: lines wait a moment for company and are written once", "[cli]") {
  Agenda agenda;
  const Pipe pipe;
  LineWriter writer(agenda, pipe.writer.fd());
  writer.append("one\n");
  writer.append("two\n");
  CHECK(pipe.read_all().empty());
  agenda.advance(LineWriter::delay_ms);
  CHECK(pipe.read_all() == "one\ntwo\n");
  writer.append("three\n");
  writer.flush();
  CHECK(pipe.read_all() == "three\n");
}

TEST_CASE("line writer: a slow reader holds nobody up and loses nothing that fits", "[cli]") {
  Agenda agenda;
  const Pipe pipe;
  LineWriter writer(agenda, pipe.writer.fd());
  std::string expected;
  for (int i = 0; i < 20'000; ++i) {
    const std::string line = "line " + std::to_string(i) + "\n";
    expected += line;
    writer.append(line);
  }
  // Many times what a pipe holds; no call here may block.
  for (int i = 0; i < 10; ++i) agenda.advance(LineWriter::retry_ms);
  std::string text = pipe.read_all();
  CHECK(text.size() < expected.size());
  for (int i = 0; i < 100 && text.size() < expected.size(); ++i) {
    agenda.advance(LineWriter::retry_ms);
    text += pipe.read_all();
  }
  CHECK(text == expected);
}

TEST_CASE("line writer: what does not fit any more is dropped, and said", "[cli]") {
  Agenda agenda;
  const Pipe pipe;
  LineWriter writer(agenda, pipe.writer.fd());
  const std::string line(1023, 'x');
  for (int i = 0; i < 1034; ++i) writer.append(line + "\n");
  std::string text;
  for (int i = 0; i < 200; ++i) {
    agenda.advance(LineWriter::retry_ms);
    text += pipe.read_all();
  }
  CHECK(text.size() > LineWriter::max_waiting);
  CHECK_THAT(text, ContainsSubstring("devproxy: 10 lines dropped, stdout is read too slowly\n"));
  writer.append("after\n");
  agenda.advance(LineWriter::delay_ms);
  CHECK(pipe.read_all() == "after\n");
}

TEST_CASE("line writer: the stream that is read too slowly is named", "[cli]") {
  Agenda agenda;
  const Pipe pipe;
  const Descriptor real(::dup(STDERR_FILENO));
  ::dup2(pipe.writer.fd(), STDERR_FILENO);
  LineWriter writer(agenda, STDERR_FILENO);
  for (int i = 0; i < 1034; ++i) writer.append(std::string(1023, 'x') + "\n");
  std::string text;
  for (int i = 0; i < 200; ++i) {
    agenda.advance(LineWriter::retry_ms);
    text += pipe.read_all();
  }
  ::dup2(real.fd(), STDERR_FILENO);
  CHECK_THAT(text, ContainsSubstring("devproxy: 10 lines dropped, stderr is read too slowly\n"));
}

TEST_CASE("line writer: falls silent when the reader is gone", "[cli]") {
  Agenda agenda;
  Pipe pipe;
  LineWriter writer(agenda, pipe.writer.fd());
  pipe.reader.reset();
  writer.append("nobody reads this\n");
  agenda.advance(LineWriter::delay_ms);
  CHECK(writer.reader_is_gone());
  writer.append("nor this\n");
  CHECK(agenda.next_deadline() == Agenda::never);
  writer.finish(1000);
}

TEST_CASE("line writer: the end writes what is left, and does not wait for ever", "[cli]") {
  Agenda agenda;
  const Pipe pipe;
  LineWriter writer(agenda, pipe.writer.fd());
  writer.append("last words\n");
  writer.finish(0);
  CHECK(pipe.read_all() == "last words\n");
  writer.append(std::string(500'000, 'x') + "\n");
  writer.finish(1);
  CHECK(pipe.read_all().size() < 500'000);
}

}  // namespace
}  // namespace devproxy
