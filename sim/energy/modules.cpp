#include "sim/energy/modules.h"

namespace lacuna {

std::uint32_t lnzd_nodes(std::uint32_t pe_count) {
  std::uint32_t nodes = 0;
  for (std::uint32_t level = pe_count; level > 1;) {
    level = (level + 3) / 4;
    nodes += level;
  }
  return nodes;
}

std::uint32_t module_instances(std::size_t module, std::uint32_t pe_count) {
  return module_names[module] == "LNZD" ? lnzd_nodes(pe_count) : pe_count;
}

}  // namespace lacuna
