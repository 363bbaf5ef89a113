#include "control/descriptors.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cstring>

namespace devproxy {
namespace {

constexpr std::size_t most_space = CMSG_SPACE(sizeof(int) * most_descriptors);

struct Message {
  iovec bytes{};
  msghdr head{};
  alignas(cmsghdr) char space[most_space] = {};

  Message(char* data, std::size_t size) : bytes{data, size} {
    head.msg_iov = &bytes;
    head.msg_iovlen = 1;
    head.msg_control = static_cast<char*>(space);
    head.msg_controllen = sizeof space;
  }
};

}  // namespace

bool send_descriptors(int socket, std::string_view bytes, const std::vector<int>& descriptors) {
  if (descriptors.size() > most_descriptors) return false;
  Message message(const_cast<char*>(bytes.data()), bytes.size());  // NOLINT: sendmsg only reads it
  const std::size_t size = sizeof(int) * descriptors.size();
  if (descriptors.empty()) {
    message.head.msg_control = nullptr;
    message.head.msg_controllen = 0;
  } else {
    message.head.msg_controllen = CMSG_SPACE(size);
    cmsghdr* const rights = CMSG_FIRSTHDR(&message.head);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(size);
    std::memcpy(CMSG_DATA(rights), descriptors.data(), size);
  }
  const ssize_t sent = ::sendmsg(socket, &message.head, MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent == static_cast<ssize_t>(bytes.size());
}

ssize_t receive_descriptors(int socket, std::span<char> block, std::vector<int>& descriptors) {
  Message message(block.data(), block.size());
  const ssize_t received = ::recvmsg(socket, &message.head, 0);
  if (received < 0) return received;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message.head); part != nullptr;
       part = CMSG_NXTHDR(&message.head, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    const std::size_t before = descriptors.size();
    descriptors.resize(before + count);
    std::memcpy(descriptors.data() + before, CMSG_DATA(part), count * sizeof(int));
    for (std::size_t i = before; i < descriptors.size(); ++i)
      ::fcntl(descriptors[i], F_SETFD, FD_CLOEXEC);
  }
  return received;
}

}  // namespace devproxy
