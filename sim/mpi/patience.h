#pragma once

#include <algorithm>
#include <chrono>

namespace lacuna::mpi {

/// How long to sleep before looking again: a millisecond while messages come, up to eight while nothing does.
class Patience {
 public:
  std::chrono::milliseconds now() const { return now_; }
  void busy() { now_ = least; }
  std::chrono::milliseconds idle() {
    const std::chrono::milliseconds before = now_;
    now_ = std::min(now_ * 2, most);
    return before;
  }

 private:
  static constexpr std::chrono::milliseconds least{1};
  static constexpr std::chrono::milliseconds most{8};
  std::chrono::milliseconds now_ = least;
};

}  // namespace lacuna::mpi
