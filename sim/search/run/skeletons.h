#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "sim/family/family.h"
#include "sim/search/run/run_search.h"
#include "sim/training/recipe.h"
#include "sim/yaml/scalars.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {

/// What decides which channel goes next; in the order of `channel_saliency_names`.
enum class ChannelSaliency : std::uint8_t { fisher, l1, signed_sum };
inline constexpr std::initializer_list<const char*> channel_saliency_names = {"fisher", "l1", "signed_sum"};

/// `skeletons:`, in how many ways a network is made smaller (Crowley, Turner, Storkey and O'Boyle, "A closer
/// look at structured pruning for neural network compression", 2018).
struct SkeletonsConfig {
  std::vector<YamlNode> widths;
  std::vector<YamlNode> depths;
  std::vector<YamlNode> blocks;
  std::vector<YamlNode> densities;
  std::vector<YamlNode> channels;
  ChannelSaliency saliency = ChannelSaliency::fisher;
  std::uint32_t removed_at_once = 1;
  std::vector<StepConfig> between;
  std::vector<StepConfig> tune;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.plain_list("widths", c.widths, "factors of all channels; trained from scratch");
    v.plain_list("depths", c.depths, "blocks of each stage; trained from scratch");
    v.plain_list("blocks", c.blocks, "blocks or operations in every place; trained from scratch");
    v.plain_list("densities", c.densities,
                 "shares of each layer's weights that are kept, the largest; tuned");
    v.plain_list("channels", c.channels,
                 "shares of the channels between the blocks' convolutions that are kept; tuned, and the same "
                 "networks from scratch");
    v.choice(
        "saliency", c.saliency, channel_saliency_names,
        "which channel goes next: that with the least Fisher potential over the training images, or whose "
        "filter has the least sum of magnitudes or of signed weights");
    v.integer("removed_at_once", c.removed_at_once, 1, 4096, "channels that go before it learns on");
    v.list("between", c.between, "training after each removal");
    v.list("tune", c.tune, "training of what was cut, before it is measured");
    v.required({"tune"});
  }
};

/// A file of `lacuna search` with a section `skeletons`: the section `search` says all else; its blocks are
/// Conv, and its filters, score and samples do not count.
struct SkeletonsFile {
  SkeletonsConfig skeletons;
  SearchConfig search;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("skeletons", c.skeletons, "in how many ways a network is made smaller");
    v.section("search", c.search, "skeleton, machines, data and training, as of a search");
    v.required({"skeletons", "search"});
  }
};

bool is_skeletons(const YamlNode& document);

/// Trains and measures the network and all that are made of it, and writes `results.csv` into `folder`, a
/// line for each. What is done is kept in the folder's store, as of a search: a run that was interrupted goes
/// on from there, and comes to the same bytes, with any number of jobs. Returns the table for a terminal.
/// Throws Lacuna's errors.
std::string run_skeletons(const YamlNode& document, const Families& families, const std::string& folder,
                          const SearchOptions& options);

}  // namespace lacuna
