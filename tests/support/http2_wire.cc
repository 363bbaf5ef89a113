#include "tests/support/http2_wire.h"

#include <nghttp2/nghttp2.h>

namespace devproxy {
namespace h2 {

std::string number(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
  return text;
}

std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                  std::string_view payload) {
  std::string text =
      number(payload.size(), 3) + number(type, 1) + number(flags, 1) + number(stream, 4);
  return text.append(payload);
}

std::string setting(std::uint16_t id, std::uint32_t value) {
  return number(id, 2) + number(value, 4);
}

std::string window(std::uint32_t stream, std::uint32_t bytes) {
  return frame(window_update, none, stream, number(bytes, 4));
}

std::uint32_t Frame::word(std::size_t offset) const {
  std::uint32_t value = 0;
  for (std::size_t i = offset; i < offset + 4 && i < payload.size(); ++i)
    value = value << 8 | static_cast<std::uint8_t>(payload[i]);
  return value;
}

std::vector<Frame> take_frames(std::string& bytes) {
  const auto byte = [&](std::size_t at) {
    return std::uint32_t{static_cast<std::uint8_t>(bytes[at])};
  };
  std::vector<Frame> frames;
  std::size_t begin = 0;
  while (bytes.size() - begin >= 9) {
    const std::size_t size = byte(begin) << 16 | byte(begin + 1) << 8 | byte(begin + 2);
    if (bytes.size() - begin < 9 + size) break;
    Frame frame;
    frame.type = static_cast<std::uint8_t>(byte(begin + 3));
    frame.flags = static_cast<std::uint8_t>(byte(begin + 4));
    frame.stream =
        (byte(begin + 5) << 24 | byte(begin + 6) << 16 | byte(begin + 7) << 8 | byte(begin + 8)) &
        0x7fffffff;
    frame.payload = bytes.substr(begin + 9, size);
    frames.push_back(std::move(frame));
    begin += 9 + size;
  }
  bytes.erase(0, begin);
  return frames;
}

}  // namespace h2

std::string pack(const h2::Fields& fields) {
  nghttp2_hd_deflater* deflater = nullptr;
  nghttp2_hd_deflate_new(&deflater, 0);
  std::vector<nghttp2_nv> list;
  for (const auto& [name, value] : fields) {
    list.push_back({reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
                    reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())), name.size(),
                    value.size(), NGHTTP2_NV_FLAG_NO_INDEX});
  }
  std::string block(nghttp2_hd_deflate_bound(deflater, list.data(), list.size()), '\0');
  const ssize_t size =
      nghttp2_hd_deflate_hd(deflater, reinterpret_cast<std::uint8_t*>(block.data()), block.size(),
                            list.data(), list.size());
  nghttp2_hd_deflate_del(deflater);
  block.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return block;
}

Unpacker::Unpacker() {
  nghttp2_hd_inflater* inflater = nullptr;
  nghttp2_hd_inflate_new(&inflater);
  inflater_ = inflater;
}

Unpacker::~Unpacker() {
  nghttp2_hd_inflate_del(static_cast<nghttp2_hd_inflater*>(inflater_));
}

h2::Fields Unpacker::unpack(std::string_view block) {
  auto* inflater = static_cast<nghttp2_hd_inflater*>(inflater_);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(block.data());
  std::size_t left = block.size();
  h2::Fields fields;
  while (true) {
    nghttp2_nv field{};
    int flags = 0;
    const ssize_t used = nghttp2_hd_inflate_hd2(inflater, &field, &flags, bytes, left, 1);
    if (used < 0) return {{"malformed", "block"}};
    bytes += used;
    left -= static_cast<std::size_t>(used);
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
      fields.emplace_back(std::string(reinterpret_cast<char*>(field.name), field.namelen),
                          std::string(reinterpret_cast<char*>(field.value), field.valuelen));
    }
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && left == 0) break;
  }
  nghttp2_hd_inflate_end_headers(inflater);
  return fields;
}

}  // namespace devproxy
