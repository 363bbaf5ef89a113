#include "services/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "base/signal_names.h"
#include "services/exec_shim.h"

namespace devproxy {
namespace {

/// How long output is waited for after its program has ended.
constexpr std::uint64_t last_words_ms = 100;

tl::unexpected<Error> cannot(const char* what, int error) {
  return fail(Code::no_descriptors, Source::system,
              fmt::format("{}: {}", what, std::generic_category().message(error)));
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

void set_size(int terminal, TerminalSize size) {
  winsize wanted{};
  wanted.ws_col = size.columns;
  wanted.ws_row = size.rows;
  ::ioctl(terminal, TIOCSWINSZ, &wanted);
}

/// Nobody types there: what is written must not come back as output.
void set_modes(int terminal) {
  termios modes{};
  if (::tcgetattr(terminal, &modes) != 0) return;
  modes.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  ::tcsetattr(terminal, TCSANOW, &modes);
}

}  // namespace

std::string describe(const ChildEnd& end) {
  if (end.signal != 0) return fmt::format("was ended by {}", signal_name(end.signal));
  return fmt::format("exited with code {}", end.code);
}

Child::Child(Loop& loop, Events events)
    : loop_(loop), events_(std::move(events)), more_(loop.agenda()), last_words_(loop.agenda()) {}

Child::~Child() = default;

Result<void> Child::start(const ChildStart& start) {
  if (start.inherits) return spawn(start, -1);
  auto output = make_output(start.terminal);
  if (!output) return tl::unexpected<Error>(output.error());
  auto spawned = spawn(start, output->theirs);
  ::close(output->theirs);
  if (!spawned) {
    ::close(output->ours);
    return spawned;
  }
  if (start.terminal) terminal_ = output->ours;
  return read_from(output->ours);
}

Result<Child::Output> Child::make_output(const std::optional<TerminalSize>& terminal) {
  if (!terminal) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) return cannot("cannot make a pipe", errno);
    for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
    return Output{ends[0], ends[1]};
  }
  const int ours = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (ours < 0) return cannot("cannot make a pseudo-terminal", errno);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread starts programs
  const char* const name =
      ::grantpt(ours) == 0 && ::unlockpt(ours) == 0 ? ::ptsname(ours) : nullptr;
  const int theirs = name == nullptr ? -1 : ::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (theirs < 0) {
    const int error = errno;
    ::close(ours);
    return cannot("cannot open a pseudo-terminal", error);
  }
  set_size(ours, *terminal);
  set_modes(theirs);
  return Output{ours, theirs};
}

Result<void> Child::spawn(const ChildStart& start, int output) {
  ExecRequest request;
  request.parent = ::getpid();
  request.tty = start.terminal.has_value();
  request.foreground = start.inherits && ForegroundJob::is_possible();
  request.inherited = start.inherited.size();
  request.file_limit = start.file_limit;
  request.dir = start.dir;
  request.words = start.words;
  std::vector<std::string> words = exec_arguments("devproxy", request);
  std::vector<std::string> environment = start.environment;
  const std::vector<char*> arguments = pointers_to(words);
  const std::vector<char*> variables = pointers_to(environment);

  std::vector<uv_stdio_container_t> stdio(3 + start.inherited.size());
  for (std::size_t i = 0; i < stdio.size(); ++i) {
    stdio[i].flags = UV_INHERIT_FD;
    stdio[i].data.fd = i < 3 ? output : start.inherited[i - 3];
  }
  for (int i = 0; i < 3 && start.inherits; ++i) stdio[static_cast<std::size_t>(i)].data.fd = i;
  // Without a terminal there is nobody to ask: /dev/null.
  if (!start.terminal && !start.inherits) stdio[0].flags = UV_IGNORE;

  uv_process_options_t options{};
  options.file = start.program.c_str();
  options.args = const_cast<char**>(arguments.data());
  options.env = const_cast<char**>(variables.data());
  options.stdio = stdio.data();
  options.stdio_count = static_cast<int>(stdio.size());
  options.exit_cb = [](uv_process_t* handle, std::int64_t code, int signal) {
    auto* self = owner_of<Child>(handle);
    if (self == nullptr) return;
    const Turn turn = self->loop_.turn();
    self->on_exit({static_cast<int>(code), signal});
  };
  process_.reset(new uv_process_t{});
  const int status = uv_spawn(loop_.uv(), process_.get(), &options);
  // After the call: it clears the handle.
  process_->data = this;
  if (status != 0) {
    return fail(Code::internal, Source::system,
                fmt::format("cannot start {}: {}", start.program, uv_strerror(status)));
  }
  pid_ = process_->pid;
  if (request.foreground) job_ = std::make_unique<ForegroundJob>(loop_, pid_);
  return {};
}

Result<void> Child::read_from(int descriptor) {
  output_.reset(new uv_pipe_t{});
  uv_pipe_init(loop_.uv(), output_.get(), 0);
  output_->data = this;
  const int status = uv_pipe_open(output_.get(), descriptor);
  if (status != 0) {
    ::close(descriptor);
    return fail(Code::internal, Source::system,
                fmt::format("cannot read its output: {}", uv_strerror(status)));
  }
  read_on();
  return {};
}

void Child::read_on() {
  if (!output_) return;
  uv_read_start(
      reinterpret_cast<uv_stream_t*>(output_.get()),
      [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
        auto* self = owner_of<Child>(handle);
        *buffer = self == nullptr ? uv_buf_init(nullptr, 0)
                                  : uv_buf_init(self->buffer_.data(),
                                                static_cast<unsigned int>(self->buffer_.size()));
      },
      [](uv_stream_t* stream, ssize_t count, const uv_buf_t*) {
        auto* self = owner_of<Child>(stream);
        if (self == nullptr || count == 0) return;
        const Turn turn = self->loop_.turn();
        self->on_read(count);
      });
}

void Child::on_read(ssize_t count) {
  if (count > 0) {
    if (static_cast<std::size_t>(count) == buffer_.size()) {
      // There may be more, and libuv would come with 31 of them before it looks at anything else.
      uv_read_stop(reinterpret_cast<uv_stream_t*>(output_.get()));
      more_.start(0, [this] { read_on(); });
    }
    lines_.take({buffer_.data(), static_cast<std::size_t>(count)}, events_.line);
    return;
  }
  // UV_EOF; a pseudo-terminal whose last user is gone says UV_EIO on Linux.
  terminal_ = -1;
  output_.reset();
  if (end_) tell_end();
}

void Child::on_exit(ChildEnd end) {
  end_ = end;
  job_.reset();
  if (!output_) {
    tell_end();
    return;
  }
  last_words_.start(last_words_ms, [this] { tell_end(); });
}

void Child::tell_end() {
  last_words_.cancel();
  lines_.finish(events_.line);
  const auto told = std::move(events_.end);
  events_.end = nullptr;
  const ChildEnd end = *end_;
  if (told) told(end);
}

void Child::resize(TerminalSize size) {
  if (terminal_ >= 0) set_size(terminal_, size);
}

}  // namespace devproxy
