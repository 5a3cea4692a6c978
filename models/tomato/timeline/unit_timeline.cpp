#include "models/tomato/timeline/unit_timeline.h"

namespace lacuna::tomato::timeline {

std::optional<std::size_t> UnitPorts::first_full() const {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i]->has_room()) {
      return output_edges[i];
    }
  }
  return std::nullopt;
}

}  // namespace lacuna::tomato::timeline
