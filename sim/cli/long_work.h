#pragma once

#include <chrono>
#include <csignal>
#include <string>

namespace lacuna {
struct RunProgress;
}

namespace lacuna::cli {

/// What the program ends with when the user has interrupted it.
inline constexpr int interrupted_exit_code = 130;

/// The user has interrupted the program.
struct Interrupted {};

/// From now on SIGINT and SIGTERM are remembered for `check_for_interrupt`. If the program has not ended a
/// second later, or a second signal comes, it ends at once with that exit code. A write to a file that has
/// reached its allowed size (ulimit -f) fails like one to a full disk, instead of ending the program.
void watch_for_interrupts();

/// Whether a signal has come.
bool was_interrupted();

/// Throws Interrupted once a signal has come. Long work calls it now and then.
void check_for_interrupt();

/// A line (how to resume, say) that is printed before the message if the program is ended at once.
void say_when_ended(const std::string& line);

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

/// One line on stderr that says where a run stands, rewritten at most ten times a second; silent unless
/// `enabled`.
class ProgressLine {
 public:
  explicit ProgressLine(bool enabled) : enabled_(enabled) {}
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const RunProgress& progress);
  void show_text(const std::string& text);
  void clear();

 private:
  bool enabled_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point next_{};
};

/// Whether stderr is a terminal.
bool stderr_is_terminal();

}  // namespace lacuna::cli
