#include "bench/response.h"

#include "base/text.h"
#include "bench/pattern.h"

namespace devproxy {

void Response::expect(int status, std::uint64_t body_size) {
  head_.clear();
  status_ = status;
  body_size_ = status == 101 ? 0 : body_size;
  body_read_ = 0;
  head_done_ = false;
  closes_ = false;
}

Failure Response::feed(std::string_view bytes) {
  if (!head_done_) {
    if (!head_.empty()) bytes = head_.append(bytes);
    const auto end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) {
      if (head_.empty()) head_ = bytes;
      return head_.size() > 65'536 ? Failure::framing : Failure::none;
    }
    const auto failure = read_head(bytes.substr(0, end + 2));
    if (failure != Failure::none) return failure;
    head_done_ = true;
    bytes.remove_prefix(end + 4);
  }
  if (bytes.size() > body_size_ - body_read_) return Failure::framing;
  if (!is_pattern(body_read_, bytes)) return Failure::body;
  body_read_ += bytes.size();
  return Failure::none;
}

Failure Response::read_head(std::string_view head) {
  if (head.size() < 12 || !head.starts_with("HTTP/1.1 ")) return Failure::status;
  if (parse_number(head.substr(9, 3)) != static_cast<std::uint64_t>(status_))
    return Failure::status;
  closes_ = iequals(find_field(head, "connection"), "close");
  if (status_ == 101) return Failure::none;
  if (find_field(head, "transfer-encoding").data() != nullptr) return Failure::framing;
  return parse_number(find_field(head, "content-length")) == body_size_ ? Failure::none
                                                                        : Failure::framing;
}

}  // namespace devproxy
