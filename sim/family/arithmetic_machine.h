#pragma once

#include <string>
#include <vector>

#include "models/common/number_format.h"
#include "sim/family/network_machine.h"

namespace lacuna {

/// The numbers that a layer's weights are, where they are chosen and not the machine's own choice.
struct LayerArithmetic {
  std::string layer;          ///< name
  NumberFormat weights;       ///< complete
  double weight_scale = 1.0;  ///< weights are so many times the format's numbers
};

/// A machine whose layers have number formats of their own.
class ArithmeticMachine : public NetworkMachine {
 public:
  using NetworkMachine::measure;

  /// The same with layers whose weights are numbers of stated formats; other layers are as the machine has
  /// them.
  virtual FrameCost measure(const Network& network, const std::vector<Tensor>& inputs,
                            const std::vector<LayerArithmetic>& arithmetic) const = 0;
};

}  // namespace lacuna
