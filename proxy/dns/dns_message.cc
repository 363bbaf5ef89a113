#include "proxy/dns/dns_message.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace devproxy {
namespace {

constexpr std::size_t header_size = 12;
constexpr std::size_t label_max = 63;
constexpr std::size_t name_max = 255;  // with its length bytes and the root's

constexpr unsigned is_response = 0x8000;
constexpr unsigned is_authoritative = 0x0400;
constexpr unsigned is_truncated = 0x0200;
constexpr unsigned wants_recursion = 0x0100;
constexpr unsigned offers_recursion = 0x0080;
constexpr unsigned opcode_mask = 0x7800;

constexpr unsigned type_a = 1;
constexpr unsigned type_aaaa = 28;
constexpr unsigned type_opt = 41;
constexpr unsigned any = 255;
constexpr unsigned class_in = 1;

constexpr std::string_view loopback_v4("\x7f\0\0\1", 4);
constexpr std::string_view loopback_v6("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);

enum Reply : unsigned {  // RFC 1035 4.1.1, RFC 6891 9
  no_error = 0,
  format_error = 1,
  no_such_name = 3,
  not_implemented = 4,
  refused = 5,
  bad_version = 16,
};

/// Takes numbers and names from the front of a message; once something is missing, everything is.
class Parser {
 public:
  explicit Parser(std::string_view message) : message_(message) {}

  bool failed() const { return failed_; }
  bool at_end() const { return at_ == message_.size(); }
  std::size_t at() const { return at_; }

  unsigned byte() {
    if (at_ >= message_.size()) {
      failed_ = true;
      return 0;
    }
    return static_cast<unsigned char>(message_[at_++]);
  }
  unsigned number() {
    const unsigned high = byte();
    return high << 8U | byte();
  }
  std::string_view bytes(std::size_t count) {
    if (message_.size() - at_ < count) {
      failed_ = true;
      return {};
    }
    at_ += count;
    return message_.substr(at_ - count, count);
  }
  /// With dots, in the letters of the message. A question has no pointers: there is nothing before
  /// it to point at.
  std::string name() {
    const std::size_t begin = at_;
    std::string text;
    for (;;) {
      const unsigned length = byte();
      if (length > label_max || at_ - begin > name_max) failed_ = true;
      if (failed_ || length == 0) return text;
      if (!text.empty()) text += '.';
      text += bytes(length);
    }
  }
  /// Of a record that only has to be stepped over; true when it is the root.
  bool skip_name() {
    for (bool root = true;; root = false) {
      const unsigned length = byte();
      if (failed_ || length == 0) return root;
      if ((length & 0xc0U) == 0xc0U) {
        byte();
        return false;
      }
      if (length > label_max) {
        failed_ = true;
        return false;
      }
      bytes(length);
    }
  }

 private:
  std::string_view message_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

struct Edns {
  unsigned version = 0;
  unsigned flags = 0;
};

struct Question {
  std::string name;
  unsigned type = 0;
  unsigned class_ = 0;
  std::string_view bytes;  ///< as it stands in the message
};

void append_number(std::string& to, unsigned number) {
  to += static_cast<char>(number >> 8U & 0xffU);
  to += static_cast<char>(number & 0xffU);
}

/// Steps over the records behind the question; nothing when they are broken, or are two of EDNS.
std::optional<std::optional<Edns>> read_records(Parser& parser, unsigned before, unsigned count) {
  std::optional<Edns> edns;
  for (unsigned i = 0; i < count && !parser.failed(); ++i) {
    const bool root = parser.skip_name();
    const unsigned type = parser.number();
    parser.number();  // the class; of EDNS the size that the other side takes
    const unsigned high = parser.number();
    const unsigned low = parser.number();
    parser.bytes(parser.number());
    if (type != type_opt) continue;
    if (edns || !root || i < before) return std::nullopt;
    edns = Edns{high & 0xffU, low};
  }
  if (parser.failed() || !parser.at_end()) return std::nullopt;
  return edns;
}

std::string head(std::string_view message, unsigned flags, unsigned reply) {
  const unsigned asked = static_cast<unsigned>(static_cast<unsigned char>(message[2])) << 8U &
                         (opcode_mask | wants_recursion);
  std::string answer(message.substr(0, 2));
  append_number(answer, is_response | offers_recursion | asked | flags | (reply & 0x0fU));
  return answer;
}

/// Without the question: it may be what is broken.
std::string bare(std::string_view message, Reply reply) {
  return head(message, 0, reply) + std::string(8, '\0');
}

void append_edns(std::string& to, const Edns& asked, unsigned reply) {
  constexpr unsigned security_ok = 0x8000;
  to += '\0';
  append_number(to, type_opt);
  append_number(to, static_cast<unsigned>(dns_message_max));
  to += static_cast<char>(reply >> 4U);
  to += '\0';
  append_number(to, asked.flags & security_ok);
  append_number(to, 0);
}

void append_address(std::string& to, unsigned type) {
  constexpr unsigned name_of_question = 0xc000U | header_size;
  const std::string_view address = type == type_aaaa ? loopback_v6 : loopback_v4;
  append_number(to, name_of_question);
  append_number(to, type);
  append_number(to, class_in);
  append_number(to, 0);
  append_number(to, dns_ttl);
  append_number(to, static_cast<unsigned>(address.size()));
  to += address;
}

bool is_ours(const std::string& name, const std::vector<std::string>& domains) {
  const std::string host = lower(name);
  return std::any_of(domains.begin(), domains.end(), [&](const std::string& domain) {
    return host.ends_with(domain) &&
           (host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.');
  });
}

std::string answer_to(std::string_view message, const Question& question,
                      const std::optional<Edns>& edns, bool ours) {
  const unsigned reply = edns && edns->version != 0 ? bad_version : ours ? no_error : no_such_name;
  const bool has_address =
      reply == no_error &&
      (question.type == type_a || question.type == type_aaaa || question.type == any);
  std::string answer = head(message, ours ? is_authoritative : 0, reply);
  append_number(answer, 1);
  append_number(answer, has_address ? 1 : 0);
  append_number(answer, 0);
  append_number(answer, edns ? 1 : 0);
  answer += question.bytes;
  // To "any" one record is enough (RFC 8482).
  if (has_address) append_address(answer, question.type == type_aaaa ? type_aaaa : type_a);
  if (edns) append_edns(answer, *edns, reply);
  return answer;
}

}  // namespace

std::string dns_answer(std::string_view message, const std::vector<std::string>& domains) {
  if (message.size() < header_size || message.size() > dns_message_max) return "";
  Parser parser(message);
  parser.number();
  const unsigned flags = parser.number();
  // Answering answers would let two responders talk to each other for ever.
  if ((flags & is_response) != 0) return "";
  if ((flags & opcode_mask) != 0) return bare(message, not_implemented);
  const unsigned questions = parser.number();
  const unsigned before = parser.number() + parser.number();
  const unsigned records = before + parser.number();
  if (questions != 1 || (flags & is_truncated) != 0) return bare(message, format_error);

  Question question;
  const std::size_t begin = parser.at();
  question.name = parser.name();
  question.type = parser.number();
  question.class_ = parser.number();
  if (parser.failed()) return bare(message, format_error);
  question.bytes = message.substr(begin, parser.at() - begin);
  const auto edns = read_records(parser, before, records);
  if (!edns) return bare(message, format_error);
  if (question.class_ != class_in && question.class_ != any) return bare(message, refused);
  return answer_to(message, question, *edns, is_ours(question.name, domains));
}

}  // namespace devproxy
