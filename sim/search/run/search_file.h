#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/cost/cost_model.h"
#include "sim/network/network_workload.h"
#include "sim/search/blocks.h"
#include "sim/search/run/search_filter.h"
#include "sim/search/run/search_space.h"
#include "sim/training/recipe.h"
#include "sim/yaml/scalars.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {

/// One element of `skeleton.stages`: blocks of the same number of channels.
struct SearchStageConfig {
  std::uint32_t blocks = 1;
  std::uint32_t channels = 1;
  std::uint32_t stride = 1;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.integer("blocks", c.blocks, 1, 64, "places for blocks, one behind the other");
    v.integer("channels", c.channels, 1, 4096, "channels that they give");
    v.integer("stride", c.stride, 1, 4, "of the first block");
    v.required({"blocks", "channels"});
  }
};

/// `skeleton:`, what all candidates have in common.
struct SearchSkeletonConfig {
  std::uint32_t height = 28;
  std::uint32_t width = 28;
  std::uint32_t channels = 1;
  std::uint32_t classes = 10;
  std::uint32_t stem_channels = 16;
  std::uint32_t stem_stride = 1;
  std::vector<SearchStageConfig> stages;

  /// As blocks.h has it.
  Skeleton skeleton() const;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.integer("height", c.height, 1, 1024, "of the images");
    v.integer("width", c.width, 1, 1024, "of the images");
    v.integer("channels", c.channels, 1, 1024, "of the images");
    v.integer("classes", c.classes, 2, 65536, "outputs of the classifier");
    v.integer("stem_channels", c.stem_channels, 1, 4096, "channels of the 3x3 convolution in front");
    v.integer("stem_stride", c.stem_stride, 1, 4, "its stride");
    v.list("stages", c.stages, "places for blocks");
    v.required({"stages"});
  }
};

/// One element of `machines`.
struct SearchMachineConfig {
  std::string name;
  FilePath run;
  std::vector<SearchChoiceConfig> choices;
  ErrorPlace place;  ///< of the element

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("name", c.name, "name in filters and results");
    v.file("run", c.run,
           "run configuration of the machine; candidates and the training images replace network and images "
           "of its workload");
    v.list("choices", c.choices, "parameters of the machine that are searched with the network");
    v.required({"name", "run"});
  }
};

/// `training:`, which candidates are trained, and how.
struct SearchTrainingConfig {
  std::uint32_t top = 1;
  std::uint32_t random = 0;
  std::uint32_t batch = 128;
  double momentum = 0.9;
  double weight_decay = 0.0005;
  std::optional<double> attention_transfer;
  std::vector<StepConfig> steps;
  std::vector<StepConfig> steps_when_cut;
  std::vector<StepConfig> steps_when_quantised;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.integer("top", c.top, 0, 10000, "candidates with the best scores");
    v.integer("random", c.random, 0, 10000,
              "candidates drawn from all that passed the filters, for comparison; those among the best are "
              "trained once");
    v.integer("batch", c.batch, 1, 65536, "images of a step");
    v.real("momentum", c.momentum, 0.0, 0.999999, "share of the last change that goes into the next");
    v.real("weight_decay", c.weight_decay, 0.0, 1.0,
           "L2: times every weight, biases excepted, added to its gradient");
    v.real(
        "attention_transfer", c.attention_transfer, 0.0, 1e9,
        "weight in the loss, before weights have formats, of attention transfer at the ends of stages; the "
        "teacher is the skeleton with Conv in every place, trained alike; BlockSwap has 1000; default: none");
    v.list("steps", c.steps, "training, one step after the other");
    v.list("steps_when_cut", c.steps_when_cut,
           "training after weights were cut to search.density; needs a density below 1");
    v.list("steps_when_quantised", c.steps_when_quantised,
           "training with weights and activations in the formats that were chosen, normalisation folded "
           "into them; needs search.formats or search.activations");
    v.required({"steps"});
  }
};

/// How candidates are ranked; in the order of `search_score_names`.
enum class SearchScore : std::uint8_t { fisher, naswot, gradient_norm, random };
inline constexpr std::initializer_list<const char*> search_score_names = {"fisher", "naswot", "gradient_norm",
                                                                          "random"};

/// `search:`.
struct SearchConfig {
  SearchSkeletonConfig skeleton;
  std::vector<YamlNode> blocks;
  std::vector<YamlNode> operations;
  std::vector<SearchFormatConfig> formats;
  std::vector<SearchActivationsConfig> activations;
  std::vector<SearchLanesConfig> lanes;
  std::vector<SearchMachineConfig> machines;
  std::vector<YamlNode> filters;
  SearchScore score = SearchScore::fisher;
  std::uint32_t samples = 1000;
  std::optional<std::uint32_t> draws;
  std::uint64_t seed = 1;
  std::uint32_t images = 4;
  double density = 1.0;
  std::uint32_t score_images = 128;
  DataDescription train;
  std::optional<DataDescription> test;
  std::optional<SearchTrainingConfig> training;

  static constexpr std::uint32_t most_draws = 1000000;

  /// Whether trained networks have weights or activations in formats that are chosen.
  bool are_quantised() const { return !formats.empty() || !activations.empty(); }

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("skeleton", c.skeleton, "what all candidates have in common");
    v.plain_list("blocks", c.blocks,
                 "types of blocks for each place; default: all 23 whose divisors suit the skeleton");
    v.plain_list("operations", c.operations,
                 "transformed 3x3 convolutions as further types of blocks: seq1(g, g, ...), seq2(u, g), "
                 "seq3(b), spatial_bottleneck(f), group(g)");
    v.list("formats", c.formats, "number formats of weights, one for each place; default: the machines' own");
    v.list("activations", c.activations,
           "widths of the outputs of each place's convolutions, for machines whose layers have formats; "
           "default: the machines' own");
    v.list(
        "lanes", c.lanes,
        "unroll factors of machines that have some, one element for each place; default: the machines' own");
    v.list("machines", c.machines, "machines that candidates are simulated on");
    v.plain_list(
        "filters", c.filters,
        "comparisons that a candidate passes, such as parameters <= 50000 or NAME.cycles < 20000; of "
        "parameters, multiply_accumulates, fisher_ratio (Fisher potential over that of the skeleton with "
        "Conv "
        "in every place), and of a machine planned_cycles (a lower bound, before it is simulated), cycles, "
        "energy_pj, frames_per_second, area_mm2, logic_blocks, dsp_blocks, memory_blocks, "
        "products_per_weight_read, products_per_line_buffer_read, products_per_fifo_bit (a frame's)");
    v.choice("score", c.score, search_score_names, "what ranks those that pass; the largest first");
    v.integer("samples", c.samples, 1, 100000, "candidates that are to pass the filters and are scored");
    v.integer(
        "draws", c.draws, 1, most_draws,
        "candidates that are looked at at most; default: 20 times the samples. A space that has no more "
        "is looked at whole");
    v.integer("seed", c.seed, 0, UINT64_MAX, "of draws, first weights, the images' order");
    v.integer("images", c.images, 2, 4096, "training images that machines run and are calibrated on");
    v.real("density", c.density, 0.001, 1.0,
           "share of each layer's weights that machines see, the largest; below 1 training cuts the others");
    v.integer("score_images", c.score_images, 2, 65536, "training images of the batch that is scored");
    v.section("train", c.train, "images with labels to learn from");
    v.section("test", c.test, "images with labels that trained networks are measured on");
    v.section("training", c.training, "which candidates are trained, and how; default: none");
    v.required({"skeleton", "train"});
  }
};

/// A file of `lacuna search`.
struct SearchFile {
  SearchConfig search;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("search", c.search, "which networks are looked at, and how one is chosen");
    v.required({"search"});
  }
};

/// A machine of a search.
struct SearchMachine {
  std::string name;
  std::vector<MachineVariant> variants;  ///< at least one

  bool takes_arithmetic() const { return variants.front().model->takes_arithmetic(); }
};

/// A search, read and checked.
struct Search {
  SearchConfig config;
  Skeleton skeleton;
  std::size_t places = 0;  ///< for blocks
  std::vector<BlockType> types;
  std::vector<SearchMachine> machines;
  std::vector<SearchFilter> filters;  ///< in the order of their price: counted ones first, then by machine
  std::uint64_t draws = 0;
  std::string digest;  ///< of the document and all files that it names
  /// Of the parts that a candidate's points depend on, whatever else is searched.
  std::string network_digest;
  std::string training_digest;
};

/// Reads and checks a search. Throws ConfigurationError, and InputDataError for a missing file.
Search load_search(const YamlNode& document, const Families& families);

}  // namespace lacuna
