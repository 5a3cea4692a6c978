#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace lacuna::mpi {

/// Messages through a connected socket, each whole; owns the descriptor.
class Channel {
 public:
  explicit Channel(int descriptor) : descriptor_(descriptor) {}
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  /// Waits until all of it is on its way. False when the other end is gone.
  bool send(const std::string& message) const;

  /// Waits up to `patience` for bytes, and returns the next whole message if one has come.
  std::optional<std::string> receive(std::chrono::milliseconds patience);
  /// Waits for the next message; empty when none will come.
  std::optional<std::string> wait();

  /// The other end is gone, and all that it sent has been received.
  bool is_at_end() const { return at_end_ && bytes_.empty(); }
  /// Looks whether the other end is gone.
  bool is_hung_up() const;

 private:
  std::optional<std::string> take_message();
  void read_some();

  int descriptor_;
  std::string bytes_;  ///< received, and not yet a whole message
  bool at_end_ = false;
};

}  // namespace lacuna::mpi
