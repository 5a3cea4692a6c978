#include "sim/cli/long_work.h"

#include <array>
#include <cstddef>
#include <iostream>

#include <fmt/format.h>
#include <unistd.h>

#include "sim/family/family.h"

namespace lacuna::cli {
namespace {

constexpr unsigned patience_seconds = 1;

volatile std::sig_atomic_t interrupted = 0;

/// Read by a signal handler: plain memory, empty when there is no such file.
std::array<char, 8192> temporary_file{};

/// Likewise.
std::array<char, 512> last_line{};

void write_all(const char* text, std::size_t size) {
  const ssize_t written = write(STDERR_FILENO, text, size);
  static_cast<void>(written);
}

extern "C" void end_at_once(int /*signal*/) {
  constexpr char message[] = "error: interrupted\n";
  if (temporary_file[0] != '\0') {
    unlink(temporary_file.data());
  }
  std::size_t length = 0;
  while (last_line[length] != '\0') {
    ++length;
  }
  write_all(last_line.data(), length);
  write_all(message, sizeof(message) - 1);
  _exit(interrupted_exit_code);
}

extern "C" void remember_interrupt(int signal) {
  if (interrupted != 0) {
    end_at_once(signal);
  }
  interrupted = 1;
  alarm(patience_seconds);
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(signal, &action, nullptr);
}

}  // namespace

void watch_for_interrupts() {
  handle(SIGINT, remember_interrupt);
  handle(SIGTERM, remember_interrupt);
  handle(SIGALRM, end_at_once);
  std::signal(SIGXFSZ, SIG_IGN);
}

bool was_interrupted() {
  return interrupted != 0;
}

void check_for_interrupt() {
  if (was_interrupted()) {
    throw Interrupted{};
  }
}

void remove_when_ended(const std::string& path) {
  const InterruptBlock block;
  const std::size_t length = path.size() < temporary_file.size() ? path.size() : 0;
  path.copy(temporary_file.data(), length);
  temporary_file[length] = '\0';
}

void say_when_ended(const std::string& line) {
  const InterruptBlock block;
  const std::size_t length = line.copy(last_line.data(), last_line.size() - 2);
  last_line[length] = length == 0 ? '\0' : '\n';
  last_line[length + 1] = '\0';
}

InterruptBlock::InterruptBlock() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGALRM);
  sigprocmask(SIG_BLOCK, &signals, &before_);
}

InterruptBlock::~InterruptBlock() {
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

void ProgressLine::show(const RunProgress& progress) {
  show_text(fmt::format("layer {} of {}, {}: vector {} of {}", progress.layer + 1, progress.layers,
                        progress.layer_name, progress.vector + 1, progress.vectors));
}

void ProgressLine::show_text(const std::string& text) {
  const auto now = std::chrono::steady_clock::now();
  if (!enabled_ || now < next_) {
    return;
  }
  next_ = now + std::chrono::milliseconds(100);
  shown_ = true;
  std::cerr << "\r\033[K" << text << std::flush;
}

void ProgressLine::clear() {
  if (shown_) {
    std::cerr << "\r\033[K" << std::flush;
    shown_ = false;
  }
}

bool stderr_is_terminal() {
  return isatty(STDERR_FILENO) == 1;
}

}  // namespace lacuna::cli
