#pragma once

#include <chrono>
#include <string>

#include "sim/family/family.h"

namespace lacuna::cli {

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
