#include "proxy/http/http1_head.h"

#include <algorithm>
#include <array>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace devproxy {
namespace {

constexpr HeadLimits limits;

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (unsigned c = '0'; c <= '9'; ++c) table[c] = true;
  for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (const char c :
       {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'}) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}
constexpr std::array<bool, 256> token_table = make_token_table();

bool is_token_byte(char c) {
  return token_table[static_cast<unsigned char>(c)];
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

/// The first byte below 0x20 or equal to 0x7f: in a good head that is a CR, or a tab within a
/// value.
const char* find_control(const char* p, const char* end) {
#if defined(__SSE2__)
  const __m128i below = _mm_set1_epi8(0x1f);
  const __m128i del = _mm_set1_epi8(0x7f);
  for (; end - p >= 16; p += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, below), bytes);
    const int mask = _mm_movemask_epi8(_mm_or_si128(low, _mm_cmpeq_epi8(bytes, del)));
    if (mask != 0) return p + __builtin_ctz(static_cast<unsigned>(mask));
  }
#endif
  while (p != end && !is_control(*p)) ++p;
  return p;
}

}  // namespace

HeadReader::Progress HeadReader::refuse(int status, const char* why) {
  fault_ = {status, why};
  return Progress::refused;
}

HeadReader::Progress HeadReader::read(Bytes bytes, Headers& headers, std::size_t& used) {
  std::string& block = headers.block();
  if (block.empty()) {
    // The usual case: the whole head is in one read, and only the head is copied.
    const Progress progress = scan(bytes.substr(0, limits.head + 1), headers);
    used = progress == Progress::done ? line_begin_ : std::min(bytes.size(), limits.head + 1);
    block.assign(bytes.substr(0, used));
    return progress;
  }
  const std::size_t before = block.size();
  used = std::min(bytes.size(), limits.head + 1 - std::min(before, limits.head));
  block.append(bytes.substr(0, used));
  const Progress progress = scan(block, headers);
  if (progress == Progress::done) {
    used = line_begin_ - before;
    block.resize(line_begin_);
  }
  return progress;
}

HeadReader::Progress HeadReader::scan(std::string_view data, Headers& headers) {
  const char* const begin = data.data();
  const char* const end = begin + data.size();
  const char* p = begin + position_;
  while (true) {
    p = find_control(p, end);
    if (p == end) break;
    if (*p == '\t') {
      ++p;
      continue;
    }
    if (*p != '\r') {
      constexpr char tls_handshake = 0x16;
      if (p == begin && *p == tls_handshake)
        return refuse(400, "the client speaks TLS; this version has http:// only");
      return refuse(400, *p == '\n' ? "a line ends with a bare LF" : "a control byte in the head");
    }
    if (p + 1 == end) break;
    if (p[1] != '\n') return refuse(400, "a bare CR in the head");
    const auto line_end = static_cast<std::size_t>(p - begin);
    if (line_end + 2 > limits.head) return refuse(431, "the head is larger than 64 KiB");
    if (!take_line(data, line_end, headers)) return Progress::refused;
    p += 2;
    line_begin_ = static_cast<std::uint32_t>(line_end + 2);
    if (complete_) return Progress::done;
  }
  position_ = static_cast<std::uint32_t>(p - begin);
  if (!has_start_line_ && data.size() - line_begin_ > limits.target + 64) {
    return refuse(414, "the request target is longer than 16 KiB");
  }
  if (data.size() > limits.head) return refuse(431, "the head is larger than 64 KiB");
  return Progress::more;
}

bool HeadReader::take_line(std::string_view data, std::size_t end, Headers& headers) {
  const std::size_t begin = line_begin_;
  if (!has_start_line_) {
    // RFC 9112 2.2: an empty line in front of a request line is to be ignored.
    if (begin == end) {
      if (begin > 2) {
        refuse(400, "empty lines in front of the request line");
        return false;
      }
      return true;
    }
    start_line_ = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end - begin)};
    has_start_line_ = true;
    return true;
  }
  if (begin == end) {
    complete_ = true;
    return true;
  }
  std::size_t colon = begin;
  while (colon < end && is_token_byte(data[colon])) ++colon;
  if (colon == end || data[colon] != ':' || colon == begin) {
    const bool folded = data[begin] == ' ' || data[begin] == '\t';
    refuse(400, folded ? "a folded header line (obs-fold)" : "a header line without a proper name");
    return false;
  }
  if (headers.fields().size() == limits.fields) {
    refuse(431, "more than 256 header fields");
    return false;
  }
  std::size_t value_begin = colon + 1;
  std::size_t value_end = end;
  while (value_begin < value_end && (data[value_begin] == ' ' || data[value_begin] == '\t'))
    ++value_begin;
  while (value_end > value_begin && (data[value_end - 1] == ' ' || data[value_end - 1] == '\t'))
    --value_end;

  Field field;
  field.begin = static_cast<std::uint32_t>(begin);
  field.end = static_cast<std::uint32_t>(end + 2);
  field.name_size = static_cast<std::uint16_t>(colon - begin);
  field.id = field_id(data.substr(begin, colon - begin));
  field.value = {static_cast<std::uint32_t>(value_begin),
                 static_cast<std::uint32_t>(value_end - value_begin)};
  headers.index(field);
  return true;
}

}  // namespace devproxy
