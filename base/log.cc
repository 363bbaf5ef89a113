#include "base/log.h"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/text.h"

namespace devproxy {
namespace {

// Outside the logger, so that a line that is off costs one load and makes nothing.
std::atomic<LogLevel> lowest{LogLevel::info};

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::off:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

/// The level in our words, since spdlog says "warning".
class LevelName final : public spdlog::custom_flag_formatter {
 public:
  explicit LevelName(bool padded) : padded_(padded) {}
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    std::string_view name = "error";
    if (message.level == spdlog::level::debug) name = "debug";
    if (message.level == spdlog::level::info) name = padded_ ? "info " : "info";
    if (message.level == spdlog::level::warn) name = padded_ ? "warn " : "warn";
    out.append(name.data(), name.data() + name.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<LevelName>(padded_);
  }

 private:
  bool padded_;
};

std::unique_ptr<spdlog::formatter> formatter_for(LogForm form) {
  auto formatter =
      std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::local, "\n");
  formatter->add_flag<LevelName>('*', form == LogForm::words);
  formatter->set_pattern(form == LogForm::words
                             ? "%H:%M:%S.%e %^%*%$ %v"
                             : R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%*",%v})");
  return formatter;
}

/// Each line leaves in one write, so that lines of several processes on one terminal stay whole.
class StderrSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  StderrSink() {
    const char* no_color =
        std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): nobody sets it
    coloured_ = isatty(STDERR_FILENO) == 1 && (no_color == nullptr || *no_color == '\0');
  }

  /// How many lines were lost, to be told now that stderr is read again; 0 until then.
  std::uint64_t take_dropped() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (dropped_ == 0) return 0;
    write_rest();
    return rest_.empty() && is_writable() ? std::exchange(dropped_, 0) : 0;
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    if (coloured_ && message.color_range_end > message.color_range_start) {
      write(colour(line, message));
    } else {
      write({line.data(), line.size()});
    }
  }

  void flush_() override {}

  static std::string colour(const spdlog::memory_buf_t& line,
                            const spdlog::details::log_msg& message) {
    std::string text(line.data(), line.size());
    const char* code = "\x1b[32m";
    if (message.level == spdlog::level::debug) code = "\x1b[2m";
    if (message.level == spdlog::level::warn) code = "\x1b[33m";
    if (message.level == spdlog::level::err) code = "\x1b[31m";
    text.insert(message.color_range_end, "\x1b[0m");
    text.insert(message.color_range_start, code);
    return text;
  }

  /// Never waits for a reader, who may have stopped: the loop logs too.
  void write(std::string_view line) {
    write_rest();
    if (!rest_.empty()) {
      ++dropped_;
      return;
    }
    rest_ = line;
    write_rest();
  }

  static bool is_writable() {
    pollfd entry{STDERR_FILENO, POLLOUT, 0};
    return ::poll(&entry, 1, 0) == 1;
  }

  void write_rest() {
    while (!rest_.empty()) {
      // What poll() calls writable takes this much without blocking. stderr is shared with others,
      // so it must not be made non-blocking.
      constexpr std::size_t piece = 4096;
      if (!is_writable()) return;
      const ssize_t written = ::write(STDERR_FILENO, rest_.data(), std::min(piece, rest_.size()));
      if (written > 0) {
        rest_.erase(0, static_cast<std::size_t>(written));
      } else if (errno == EAGAIN) {
        return;
      } else if (errno != EINTR) {
        rest_.clear();  // nobody reads stderr any more; there is no better place to say so
      }
    }
  }

  std::string rest_;  ///< of a line that stderr did not take whole
  std::uint64_t dropped_ = 0;
  bool coloured_ = false;
};

struct Output {
  std::atomic<LogForm> form{LogForm::words};
  std::shared_ptr<StderrSink> sink = std::make_shared<StderrSink>();
  spdlog::logger logger{"devproxy", sink};

  Output() {
    logger.set_level(spdlog::level::trace);
    logger.set_formatter(formatter_for(LogForm::words));
  }
};

/// Made by the first line. Never destroyed: other threads may log until the very end.
Output& output() {
  static auto* const made = new Output;
  return *made;
}

void append_value(std::string& out, std::string_view value) {
  const std::string safe = escape(value);
  const bool plain = !safe.empty() && safe.find_first_of(" \"=") == std::string::npos;
  if (plain) {
    out += safe;
    return;
  }
  out += '"';
  for (const char c : safe) {
    if (c == '"') out += '\\';
    out += c;
  }
  out += '"';
}

std::string compose_words(std::string_view words, std::initializer_list<LogValue> values) {
  std::string line = escape(words);
  for (const LogValue& value : values) {
    line += ' ';
    line += escape(value.key);
    line += '=';
    append_value(line, value.value);
  }
  return line;
}

std::string compose_json(std::string_view words, std::initializer_list<LogValue> values) {
  std::string line = "\"message\":\"" + escape_json(words) + '"';
  for (const LogValue& value : values) {
    line += ",\"" + escape_json(value.key) + "\":\"" + escape_json(value.value) + '"';
  }
  return line;
}

}  // namespace

void set_log_level(LogLevel level) {
  lowest.store(level, std::memory_order_relaxed);
}

void set_log_form(LogForm form) {
  if (output().form.exchange(form) != form) output().logger.set_formatter(formatter_for(form));
}

bool log_enabled(LogLevel level) {
  return level != LogLevel::off && level >= lowest.load(std::memory_order_relaxed);
}

void log(LogLevel level, std::string_view words, std::initializer_list<LogValue> values) {
  if (!log_enabled(level)) return;
  Output& out = output();
  const auto compose = out.form.load() == LogForm::json ? compose_json : compose_words;
  if (const std::uint64_t dropped = out.sink->take_dropped(); dropped > 0) {
    const std::string note =
        fmt::format("{} log lines dropped, stderr is read too slowly", dropped);
    out.logger.log(spdlog::level::warn, compose(note, {}));
  }
  out.logger.log(to_spdlog(level), compose(words, values));
}

}  // namespace devproxy
