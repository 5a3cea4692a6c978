#include "sim/family/layer_values.h"

#include "models/common/error.h"

namespace lacuna {

std::size_t LayerValues::elements() const {
  std::size_t elements = 1;
  for (const std::size_t size : shape) {
    elements *= size;
  }
  return elements;
}

void check_kept_values(std::uint64_t elements, const WantedValues& wanted, std::uint64_t budget_mib) {
  constexpr std::uint64_t mib = std::uint64_t{1} << 20U;
  const std::uint64_t each = sizeof(std::int64_t) + sizeof(double) + (wanted.reference ? sizeof(double) : 0);
  if (wanted.kept != KeptValues::none && elements > budget_mib * mib / each) {
    throw CapacityError({{}, 0, "--outputs"},
                        std::to_string(elements) + " values take about " +
                            std::to_string(elements / mib * each + each) + " MiB",
                        "memory_budget_mib is " + std::to_string(budget_mib) +
                            "; more, fewer inputs, or a .npy file of the last layer alone");
  }
}

}  // namespace lacuna
