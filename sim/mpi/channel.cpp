#include "sim/mpi/channel.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lacuna::mpi {
namespace {

bool send_fully(int descriptor, const char* bytes, std::size_t count) {
  while (count > 0) {
    const ssize_t sent = ::send(descriptor, bytes, count, MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR) {
      return false;
    }
    const std::size_t done = sent > 0 ? static_cast<std::size_t>(sent) : 0;
    bytes += done;
    count -= done;
  }
  return true;
}

}  // namespace

Channel::~Channel() {
  ::close(descriptor_);
}

bool Channel::send(const std::string& message) const {
  std::array<char, sizeof(std::uint64_t)> length{};
  const std::uint64_t size = message.size();
  std::memcpy(length.data(), &size, sizeof size);
  return send_fully(descriptor_, length.data(), length.size()) &&
         send_fully(descriptor_, message.data(), message.size());
}

std::optional<std::string> Channel::take_message() {
  std::uint64_t size = 0;
  if (bytes_.size() < sizeof size) {
    return std::nullopt;
  }
  std::memcpy(&size, bytes_.data(), sizeof size);
  if (bytes_.size() - sizeof size < size) {
    return std::nullopt;
  }
  std::string message = bytes_.substr(sizeof size, size);
  bytes_.erase(0, sizeof size + size);
  return message;
}

void Channel::read_some() {
  std::array<char, 65536> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): is read into
  const ssize_t got = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
  if (got > 0) {
    bytes_.append(buffer.data(), static_cast<std::size_t>(got));
  } else if (got == 0 || errno != EINTR) {
    at_end_ = true;
    // A message of which the rest will not come is none.
    std::string whole;
    while (const auto message = take_message()) {
      const std::uint64_t size = message->size();
      whole.append(reinterpret_cast<const char*>(&size), sizeof size).append(*message);
    }
    bytes_ = std::move(whole);
  }
}

std::optional<std::string> Channel::receive(std::chrono::milliseconds patience) {
  if (auto message = take_message()) {
    return message;
  }
  pollfd polled{descriptor_, POLLIN, 0};
  if (!at_end_ && ::poll(&polled, 1, static_cast<int>(patience.count())) > 0) {
    read_some();
  }
  return take_message();
}

std::optional<std::string> Channel::wait() {
  constexpr auto patience = std::chrono::milliseconds(60000);
  for (;;) {
    if (auto message = receive(patience)) {
      return message;
    }
    if (is_at_end()) {
      return std::nullopt;
    }
  }
}

bool Channel::is_hung_up() const {
  pollfd polled{descriptor_, 0, 0};
  return at_end_ || (::poll(&polled, 1, 0) > 0 && (polled.revents & (POLLHUP | POLLERR)) != 0);
}

}  // namespace lacuna::mpi
