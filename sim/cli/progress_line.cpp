#include "sim/cli/progress_line.h"

#include <iostream>

#include <fmt/format.h>
#include <unistd.h>

namespace lacuna::cli {

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
