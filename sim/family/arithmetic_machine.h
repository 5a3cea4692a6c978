#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/common/number_format.h"
#include "sim/family/network_machine.h"

namespace lacuna {

/// How a layer is computed, where that is chosen and not the machine's own choice.
struct LayerArithmetic {
  /// Unroll factors: values that are worked on in one cycle.
  struct Lanes {
    std::uint32_t inputs = 1;   ///< input channels
    std::uint32_t outputs = 1;  ///< output channels
    std::uint32_t taps = 1;     ///< kernel positions
  };

  std::string layer;                    ///< name
  std::optional<NumberFormat> weights;  ///< complete; empty: the machine's choice
  double weight_scale = 1.0;            ///< weights are so many times the format's numbers
  std::optional<Lanes> lanes{};         ///< empty: the machine's choice
  /// Bits of each output, two's complement, whose point the machine places; empty: the machine's choice.
  std::optional<std::uint32_t> activation_bits{};
};

/// A machine whose layers have number formats and lanes of their own.
class ArithmeticMachine : public NetworkMachine {
 public:
  using NetworkMachine::measure;

  /// The same with layers whose formats or lanes are stated; other layers are as the machine has them.
  virtual FrameCost measure(const Network& network, const std::vector<Tensor>& inputs,
                            const std::vector<LayerArithmetic>& arithmetic) const = 0;

  using NetworkMachine::planned_cycles;
  virtual std::optional<double> planned_cycles(const Network& network, const std::vector<Tensor>& inputs,
                                               const std::vector<LayerArithmetic>& arithmetic) const = 0;
};

}  // namespace lacuna
