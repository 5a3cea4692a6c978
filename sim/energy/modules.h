#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lacuna {

/// The modules of the published power table (EIE, Table II): five in each processing element, and the
/// quadtree of leading-nonzero-detection nodes.
inline constexpr std::size_t module_count = 6;
inline constexpr std::array<std::string_view, module_count> module_names = {
    "Act_queue", "PtrRead", "SpmatRead", "ArithmUnit", "ActRW", "LNZD"};

/// Nodes of the quadtree over `pe_count` PEs (contract, section 10): 64 PEs have 16 + 4 + 1 = 21, one PE
/// none.
std::uint32_t lnzd_nodes(std::uint32_t pe_count);

/// How many of a module a machine has: one per PE, for LNZD one per node.
std::uint32_t module_instances(std::size_t module, std::uint32_t pe_count);

}  // namespace lacuna
