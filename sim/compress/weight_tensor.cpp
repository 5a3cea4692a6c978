#include "sim/compress/weight_tensor.h"

#include "models/common/error.h"

namespace lacuna {

std::uint64_t checked_weight_count(const std::vector<std::uint32_t>& shape, const std::string& file,
                                   const std::string& layer) {
  if (shape.size() != 2 && shape.size() != 4) {
    throw InputDataError({file, 0, layer}, "weights of " + std::to_string(shape.size()) + " dimensions",
                         "[outputs, inputs] or [outputs, inputs, kernel height, kernel width]");
  }
  std::uint64_t count = 1;
  for (const std::uint32_t dimension : shape) {
    if (dimension == 0 || dimension > max_layer_weights / count) {
      throw InputDataError({file, 0, layer}, "the weights' dimensions are impossible",
                           "none of them 0, at most " + std::to_string(max_layer_weights) + " weights");
    }
    count *= dimension;
  }
  return count;
}

}  // namespace lacuna
