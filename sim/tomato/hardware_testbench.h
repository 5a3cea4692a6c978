#pragma once

#include <string>
#include <vector>

#include "models/tomato/engine.h"
#include "models/tomato/rtl/emit_design.h"

namespace lacuna::tomato {

/// What a test bench feeds and expects.
struct TestbenchData {
  std::uint32_t interval_cycles = 1;    ///< of the source
  std::vector<RunInput::Frame> frames;  ///< mantissas
  RunResult result;                     ///< of an engine, on these frames
  bool counters_comparable = true;      ///< what counters see at full speed is the run's
};

/// A test bench in SystemVerilog for any simulator, and its data in "tb/". It runs the frames twice: at full
/// speed, where each frame's last result must come in the cycle that the engine says, then with stalls at
/// random at both ends. Values, tlast and the rules of AXI4-Stream are checked in both; the design's
/// counters, where it has some, are read behind the first run and must be the engine's, then cleared.
std::vector<DesignFile> testbench_files(const Design& design, const TestbenchData& data);

}  // namespace lacuna::tomato
