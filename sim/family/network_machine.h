#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/network/network.h"

namespace lacuna {

/// What a machine takes of FPGAs, all of them together.
struct FpgaUse {
  double logic_blocks = 0.0;  ///< ALMs or LUTs
  double dsp_blocks = 0.0;
  double memory_blocks = 0.0;
};

/// How often a machine uses what it reads: products for each weight that a memory gives (used or not), for
/// each value that line buffers give, for each bit that passes a FIFO. Infinite where there are products and
/// no reads; empty where the machine does not have or does not count such a thing.
struct ProductsPerRead {
  std::optional<double> weight;
  std::optional<double> line_buffer;
  std::optional<double> fifo_bit;
};

/// What a network costs on a machine, for one frame: means over the frames that were simulated.
struct FrameCost {
  struct Layer {
    std::string name;
    double cycles = 0.0;  ///< in which the machine, or the part of it that has the layer, works on a frame
    std::optional<double> energy_pj;  ///< empty where the machine does not know it of single layers
  };

  double cycles = 0.0;              ///< from a frame to the next, in the steady state where frames overlap
  std::optional<double> energy_pj;  ///< empty without an energy table
  double frames_per_second = 0.0;   ///< by these cycles and the machine's clock
  std::optional<double> area_mm2;   ///< empty where no table states it
  /// NetworkMachine::planned_cycles of the machine that ran, where running it says so.
  std::optional<double> planned_cycles;
  std::optional<FpgaUse> fpga;  ///< empty where the machine is on no FPGA
  ProductsPerRead reuse;
  std::vector<Layer> layers;  ///< those that the machine computes
};

/// A machine that runs whole networks which are not in files.
class NetworkMachine {
 public:
  virtual ~NetworkMachine() = default;

  /// Runs a network, with its weights, on the fast engine; `inputs` take the place of its images, each once,
  /// and of those that formats are calibrated on. The figures are those of a run of the same network from
  /// files. Throws ConfigurationError, CapacityError and InputDataError.
  virtual FrameCost measure(const Network& network, const std::vector<Tensor>& inputs) const = 0;

  /// Cycles of a frame that `measure` cannot stay below, known before anything is simulated; empty for
  /// machines that do not know. Throws likewise.
  virtual std::optional<double> planned_cycles(const Network& /*network*/,
                                               const std::vector<Tensor>& /*inputs*/) const {
    return std::nullopt;
  }
};

}  // namespace lacuna
