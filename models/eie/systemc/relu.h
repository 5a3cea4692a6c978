#pragma once

#include <cstdint>
#include <systemc>

#include "models/eie/counters.h"
#include "models/eie/layer.h"

namespace lacuna::eie::systemc {

/// Output conversion and ReLU of one PE, combinational (contract, section 2).
class Relu : public sc_core::sc_module {
 public:
  explicit Relu(const sc_core::sc_module_name& name) : sc_module(name) {}

  std::int32_t apply(std::int32_t accumulator, const Layer& layer, Rounding rounding,
                     PeEventCounts& events) const {
    const std::int64_t output =
        convert(accumulator, layer.formats.accumulator, layer.formats.output, rounding);
    if (layer.relu) {
      ++events[PeEvent::relu_operations];
      return output < 0 ? 0 : static_cast<std::int32_t>(output);
    }
    return static_cast<std::int32_t>(output);
  }
};

}  // namespace lacuna::eie::systemc
