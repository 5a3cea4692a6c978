#pragma once

#include <csignal>
#include <string>

namespace lacuna::cli {

/// The user has interrupted the program (exit code 130).
struct Interrupted {};

/// From now on SIGINT and SIGTERM are remembered for `check_for_interrupt`. If that is not called within a
/// second, or a second signal comes, the program ends at once with exit code 130.
void watch_for_interrupts();

/// Throws Interrupted once a signal has come. Long work calls it now and then.
void check_for_interrupt();

/// A temporary file to remove if the program is ended at once; replaces the one named before.
void remove_when_ended(const std::string& path);

/// Holds back signals while outputs are written, so that they are complete or not there.
class InterruptBlock {
 public:
  InterruptBlock();
  ~InterruptBlock();
  InterruptBlock(const InterruptBlock&) = delete;
  InterruptBlock& operator=(const InterruptBlock&) = delete;

 private:
  sigset_t before_;
};

}  // namespace lacuna::cli
