#pragma once

#include "sim/graph_training/graph_search_state.h"

namespace lacuna {

/// Searches by gradients, then at random, and trains what both found (after LPGNAS, Zhao et al., arXiv
/// 2009.09232).
///
/// A supernet holds the weights of all candidates: a block's transform has the largest width, narrower ones
/// take its first rows and columns; each kind of attention has weights of its own; all bits share them. Two
/// controllers, small networks over learnt embeddings, give a logit to each option: one of the architecture, one of
/// the bits. In each step a candidate is drawn, the options with the largest logits plus Gumbel noise, whose
/// scale falls; its weights learn from the training nodes. Behind the warm-ups a second one is drawn, computed
/// without dropout, and the controllers learn from its loss on the validation nodes: along the path, each
/// component times p / p of its option's probability, whose second factor has no gradient; and by the score of the
/// draw (Williams 1992) times loss + cost_weight * log(cost) less its running mean, since a simulated cost has no
/// gradient (our choice). The bits' controller also has quantisation_weight times the expected bits of weights and buffers. What
/// is found are the options with the largest logits.
///
/// False when `hooks.stop` said so: the state is whole then, and a later call goes on to the same numbers.
bool search_graph_networks(const GraphSearchConfig& config, const GraphTrainingInput& input,
                           const GraphSpace& space, const GraphCost& cost, GraphSearchState& state,
                           const GraphHooks& hooks);

}  // namespace lacuna
