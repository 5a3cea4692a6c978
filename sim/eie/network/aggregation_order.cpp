#include "sim/eie/network/aggregation_order.h"

#include <optional>
#include <utility>

#include "sim/network/aggregation.h"

namespace lacuna {

OrderedNetwork with_cheapest_order(const Network& network,
                                   const std::function<std::uint64_t(const Network&)>& cycles) {
  OrderedNetwork result{network, {}};
  std::optional<std::uint64_t> now;
  for (std::size_t first = 0; first < network.layers.size(); ++first) {
    if (!can_change_places(result.network, first)) {
      continue;
    }
    if (!now) {
      now = cycles(result.network);
    }
    const std::size_t second = result.network.consumers(first).front();
    Network changed = with_places_changed(result.network, first);
    OrderChoice choice;
    choice.first = result.network.layers[first].name;
    choice.second = result.network.layers[second].name;
    choice.written_cycles = *now;
    choice.changed_cycles = cycles(changed);
    choice.changed = choice.changed_cycles < choice.written_cycles;
    if (choice.changed) {
      result.network = std::move(changed);
      now = choice.changed_cycles;
    }
    result.choices.push_back(std::move(choice));
  }
  return result;
}

}  // namespace lacuna
