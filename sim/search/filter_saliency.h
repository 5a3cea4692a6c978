#pragma once

#include <cstddef>
#include <vector>

namespace lacuna {

/// How much a filter is worth when channels are removed without looking at data.
enum class FilterNorm {
  absolute,    ///< sum of its weights' absolute values: the L1 norm (Li et al., ICLR 2017)
  signed_sum,  ///< sum of its weights, what the code published with "A closer look at structured pruning"
               ///< (Crowley, Turner, Storkey and O'Boyle, 2018) has under the name of the L1 norm
};

/// Of each filter; `weights` are those of `filters` filters, one behind the other, all of the same size.
/// Throws std::invalid_argument when they do not divide so.
std::vector<double> filter_saliencies(const std::vector<float>& weights, std::size_t filters,
                                      FilterNorm norm);

/// A channel of a layer.
struct LayerChannel {
  std::size_t layer = 0;
  std::size_t channel = 0;

  friend bool operator==(const LayerChannel& a, const LayerChannel& b) {
    return a.layer == b.layer && a.channel == b.channel;
  }
};

/// The order in which channels are removed, one after the other in the whole network: always the one with the
/// smallest saliency; of equal ones that of the earlier layer, of the lower channel. The last channel of each
/// layer stays (our choice: the published code would remove it), so that it is not in the list.
std::vector<LayerChannel> removal_order(const std::vector<std::vector<double>>& saliencies_of_layers);

}  // namespace lacuna
