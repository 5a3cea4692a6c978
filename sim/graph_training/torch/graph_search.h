#pragma once

#include "sim/graph_training/graph_search_state.h"

namespace lacuna {

/// Searches by gradients, then at random, and trains what both found (after LPGNAS, Zhao et al., arXiv
/// 2009.09232).
///
/// A supernet holds the weights of all candidates: a block's transform has the largest width, narrower ones
/// take its first rows and columns; each kind of attention has weights of its own; all bits share them. Two
/// controllers, small networks over learnt embeddings, give a logit to each option: one of the architecture,
/// one of the bits. In each step a candidate is drawn, the options with the largest logits plus Gumbel noise,
/// whose scale falls; its weights learn from the training nodes. Behind the warm-ups further ones are drawn,
/// computed without dropout, and the controllers learn from loss on the validation nodes + cost_weight *
/// log(cost), less the mean of the others', times the score of the draw (Williams 1992): a simulated cost has
/// no gradient, and so both count alike (our choice). With path_weight they also learn from the loss along
/// the path, each component times p / p of its option's probability, whose second factor has no gradient. The
/// bits' controller also has quantisation_weight times the expected bits of weights and buffers. What is
/// found are the options with the largest logits.
///
/// False when `hooks.stop` said so: the state is whole then, and a later call goes on to the same numbers.
bool search_graph_networks(const GraphSearchConfig& config, const GraphTrainingInput& input,
                           const GraphSpace& space, const GraphCost& cost, GraphSearchState& state,
                           const GraphHooks& hooks);

}  // namespace lacuna
