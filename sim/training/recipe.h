#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "sim/compress/compression_file.h"
#include "sim/cost/cost_model.h"
#include "sim/data/import/kmeans.h"
#include "sim/network/network.h"
#include "sim/network/network_workload.h"
#include "sim/training/trained_gates.h"
#include "sim/yaml/scalars.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {

/// One element of `steps`: so many epochs at one rate.
struct StepConfig {
  std::uint32_t epochs = 1;
  double rate = 0.01;
  std::optional<std::uint32_t> patience;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.integer("epochs", c.epochs, 1, 100000, "passes over the training images, at most");
    v.real("rate", c.rate, 1e-9, 1e3, "learning rate");
    v.integer(
        "patience", c.patience, 1, 100000,
        "the step ends after so many epochs in a row without a lower loss on the held-out images, with the "
        "network as it was in the best; default: it does not end early");
    v.required({"epochs", "rate"});
  }
};

/// `share:`, how weights become shared values whose assignment then stays (Han et al., Deep Compression, ICLR
/// 2016, section 3).
struct ShareConfig {
  std::uint32_t weight_bits = 4;
  CentroidInitialisation initialisation = CentroidInitialisation::linear;
  std::optional<std::uint64_t> seed;
  bool biases = false;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.integer("weight_bits", c.weight_bits, 1, 8, "bits of a code: 2^bits - 1 shared values, and zero");
    v.choice("initialisation", c.initialisation, {"linear", "density", "random"}, "where k-means starts");
    v.integer("seed", c.seed, 0, UINT64_MAX, "of random initialisation; default: the recipe's seed");
    v.boolean("biases", c.biases,
              "biases share the values too, as a machine that keeps them in the matrix needs it");
  }
};

/// Number formats that weights learn in; the order is that of `Representation`, codebooks left out.
enum class QuantiseKind : std::uint8_t { fixed, dynamic_fixed, shift, focused, ternary, binary };
/// In this order.
inline constexpr std::initializer_list<const char*> quantise_kind_names = {
    "fixed", "dynamic_fixed", "shift", "focused", "ternary", "binary"};

/// `quantise:`, weights in a number format of the datapaths while they learn: the network computes with the
/// quantised ones, its gradients move the numbers behind them (straight through).
struct QuantiseConfig {
  QuantiseKind kind = QuantiseKind::fixed;
  std::uint32_t weight_bits = 8;
  std::optional<std::uint64_t> seed;
  std::uint32_t refit_epochs = 1;
  std::optional<double> incremental;
  bool learn_scale = false;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.choice("kind", c.kind, quantise_kind_names, "the format, fitted as lacuna compress does");
    v.integer("weight_bits", c.weight_bits, 1, 16,
              "bits of a code: fixed and dynamic_fixed 2 to 16, shift 3 to 7, focused 4 to 8");
    v.integer("seed", c.seed, 0, UINT64_MAX, "of the components of focused; default: the recipe's seed");
    v.integer("refit_epochs", c.refit_epochs, 1, 100000,
              "the format is fitted anew after so many epochs, then at intervals that double");
    v.real("incremental", c.incremental, 0.0, 1.0,
           "share of the weights that is quantised, the largest first, and for good; the others learn on as "
           "they are (Zhou et al., ICLR 2017); default: all are, and all learn");
    v.boolean("learn_scale", c.learn_scale,
              "focused, ternary, binary: the scale of the layer learns too, with 1 / sqrt(weights) of its "
              "gradient");
    v.required({"kind"});
  }
};

/// `surgery:`, cutting that can be undone while it lasts (Guo et al., Dynamic Network Surgery, NIPS 2016, as
/// Zhao used it: mask after each step, thresholds from the mean).
struct SurgeryConfig {
  double alpha = 0.0;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.real(
        "alpha", c.alpha, -10.0, 10.0,
        "threshold of a layer: mean of its weights' magnitudes and this many of their standard deviations");
    v.required({"alpha"});
  }
};

/// `cut_by_cost:`, cutting where it makes the network cheaper (cost_cut.h).
struct CostCutConfig {
  std::optional<double> loss;
  std::optional<double> saliency;
  std::uint32_t steps = 8;
  std::uint32_t images = 1000;
  bool elements = true;
  bool columns = true;
  bool rows = true;
  std::optional<std::uint32_t> balance_pe_count;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.real("loss", c.loss, 0.0, 1000.0,
           "how much the mean loss over the images may rise in all, before the phase trains");
    v.real("saliency", c.saliency, 0.0, 1000.0,
           "in place of loss, what goes in all: energy of the layers' outputs, as shares of each layer's, "
           "summed");
    v.integer("steps", c.steps, 1, 1000, "steps in which it goes, each of one layer and form");
    v.integer("images", c.images, 1, 1U << 20, "training images that energy and loss are measured on");
    v.boolean("elements", c.elements, "whether a step may take single weights");
    v.boolean("columns", c.columns, "whether a step may take all weights of inputs");
    v.boolean("rows", c.rows, "whether a step may take all weights of outputs");
    v.integer("balance_pe_count", c.balance_pe_count, 1, 1024,
              "a step may also take single weights of those of so many PEs that have the most");
  }
};

enum class SearchMode : std::uint8_t { priority, global };
enum class SearchTarget : std::uint8_t { weight_bits, density };

/// One element of `formats:` of a search.
struct SearchFormat {
  QuantiseKind kind = QuantiseKind::fixed;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.choice("kind", c.kind, quantise_kind_names, "a number format, fitted as lacuna compress does");
    v.required({"kind"});
  }
};

/// `search:`, a number of each layer, found by trying (layer_search.h).
struct LayerSearchConfig {
  SearchMode mode = SearchMode::priority;
  SearchTarget target = SearchTarget::weight_bits;
  std::vector<SearchFormat> formats;
  double from = 8.0;
  double to = 2.0;
  double step = 1.0;
  double min_step = 1.0;
  double tolerance = 0.001;
  std::uint32_t max_steps = 50;
  std::vector<StepConfig> fine_tune;
  bool afresh = false;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.choice("mode", c.mode, {"priority", "global"},
             "priority: the layer whose change saves most of the cost comes first; global: all layers change "
             "together");
    v.choice("target", c.target, {"weight_bits", "density"},
             "what is chosen: the bits of a number format, or the share of the weights that stays");
    v.list("formats", c.formats, "weight_bits: formats to choose among; all layers start with the first");
    v.real("from", c.from, 0.0, 16.0, "where it starts: bits, or a share");
    v.real("to", c.to, 0.0, 16.0, "where it ends");
    v.real("step", c.step, 1e-6, 16.0, "one change; halved where a change was taken back");
    v.real("min_step", c.min_step, 1e-6, 16.0, "a layer whose step would be smaller is done");
    v.real("tolerance", c.tolerance, 0.0, 1.0,
           "share of the accuracy before the search that a change may cost, on the held-out images");
    v.integer("max_steps", c.max_steps, 1, 100000, "changes that are tried");
    v.list("fine_tune", c.fine_tune, "training after each change, before it is judged");
    v.boolean("afresh", c.afresh,
              "the numbers that were found are given to the layers as they were before the search, so that "
              "networks of different searches have learned for as many epochs");
    v.required({"from", "to", "fine_tune"});
  }
};

/// `activations:`, outputs of layers in a number format while the network learns.
struct ActivationConfig {
  std::uint32_t bits = 8;
  std::uint32_t images = 256;
  double clipped = 0.0;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.integer("bits", c.bits, 2, 16,
              "of an activation, two's complement, as the machines' datapaths have it");
    v.integer("images", c.images, 1, 1U << 20, "training images whose outputs the formats are fitted to");
    v.real("clipped", c.clipped, 0.0, 0.5,
           "share of a layer's outputs other than zero that may lie beyond its format");
    v.required({"bits"});
  }
};

/// One element of `phases[].layers`: settings of the layer of that name, in place of the phase's.
struct PhaseLayerConfig {
  std::string name;
  std::optional<PruneConfig> prune;
  std::optional<SurgeryConfig> surgery;
  std::optional<ShareConfig> share;
  std::optional<GateConfig> gates;
  std::optional<double> activation_lasso;
  std::optional<QuantiseConfig> quantise;
  bool skip = false;
  ErrorPlace place;  ///< of the element

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("name", c.name, "name of a layer with weights");
    v.section("prune", c.prune, "which of its weights go");
    v.section("surgery", c.surgery, "how its weights are cut and brought back");
    v.section("share", c.share, "how its weights become shared values");
    v.section("gates", c.gates, "which of its output channels are computed for an image");
    v.real("activation_lasso", c.activation_lasso, 0.0, 1e3, "how much its outputs are drawn to zero");
    v.section("quantise", c.quantise, "the number format that its weights learn in");
    v.boolean("skip", c.skip, "whether the phase leaves the layer as it is, but for training it");
    v.required({"name"});
  }
};

/// One element of `phases`: what becomes of the weights at its beginning, and how they are trained then.
struct PhaseConfig {
  std::string name;
  bool dense = false;
  std::optional<PruneConfig> prune;
  std::optional<SurgeryConfig> surgery;
  std::optional<ShareConfig> share;
  std::optional<GateConfig> gates;
  std::optional<double> activation_lasso;
  std::optional<QuantiseConfig> quantise;
  std::optional<CostCutConfig> cut_by_cost;
  std::optional<ActivationConfig> activations;
  std::optional<LayerSearchConfig> search;
  std::vector<PhaseLayerConfig> layers;
  std::vector<StepConfig> steps;
  ErrorPlace place;  ///< of the element

  std::uint32_t epochs() const;
  /// The step that an epoch of this phase, from 0, belongs to, and its first epoch.
  const StepConfig& step(std::uint32_t epoch, std::uint32_t& first) const;
  /// Learning rate of an epoch of this phase, from 0.
  double rate(std::uint32_t epoch) const;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("name", c.name, "name in curves and tables, unique");
    v.boolean("dense", c.dense, "first drops all masks: weights that were cut learn again, from zero");
    v.section("prune", c.prune, "then cuts weights of all layers, for good until a dense phase");
    v.section(
        "surgery", c.surgery,
        "after each step cuts weights below 0.9 thresholds and brings back those above 1.1; what is cut "
        "learns on, out of sight, until the phase ends");
    v.section("share", c.share, "then shares what is left; from here on only shared values are trained");
    v.section(
        "gates", c.gates,
        "gives convolutions gates: of their output channels those are computed that a predictor chooses "
        "for each image; gates that are there are changed to this density");
    v.real(
        "activation_lasso", c.activation_lasso, 0.0, 1e3,
        "times the sum of an image's rectified outputs, added to the loss while this phase trains: L1, which "
        "makes more of them zero");
    v.section("quantise", c.quantise,
              "then quantises weights; what was quantised stays so, as later phases say or as it was");
    v.section("cut_by_cost", c.cut_by_cost,
              "then cuts weights of any layers, those that save most of the recipe's cost");
    v.section("activations", c.activations,
              "from here on the outputs of layers with weights, but for the last, are rounded to a format of "
              "so many bits; gradients go straight through where it has the number");
    v.section(
        "search", c.search,
        "then looks for each layer's bits or density, layers named below excepted, by the recipe's cost");
    v.list("layers", c.layers, "layers with settings of their own");
    v.list("steps", c.steps, "training, one step after the other; without any the phase only cuts or shares");
    v.required({"name"});
  }
};

/// `training:`, how a network is trained.
struct TrainingConfig {
  FilePath network;
  DataDescription train;
  DataDescription test;
  std::uint32_t validation_images = 5000;
  std::uint32_t batch = 128;
  std::uint64_t seed = 1;
  std::uint32_t threads = 1;
  double momentum = 0.9;
  double weight_decay = 0.0;
  bool keep_zeros = false;
  bool remove_dead_neurons = false;
  std::optional<CostConfig> cost;
  ErrorPlace cost_place;  ///< of `cost`
  std::vector<PhaseConfig> phases;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.file(
        "network", c.network,
        "network (YAML) with the weights to start from; those that it says to generate depend on the seed");
    v.section("train", c.train, "images with labels to learn from and to validate on");
    v.section("test", c.test, "images with labels that are only measured on, and decide nothing");
    v.integer("validation_images", c.validation_images, 0, 1U << 24,
              "the last so many training images are held out, and measured on after each epoch");
    v.integer("batch", c.batch, 1, 65536, "images of a step");
    v.integer("seed", c.seed, 0, UINT64_MAX, "of generated weights, of the images' order, of random shares");
    v.integer("threads", c.threads, 1, 256,
              "threads of the linear algebra; another number gives other weights");
    v.real("momentum", c.momentum, 0.0, 0.999999, "share of the last change that goes into the next");
    v.real("weight_decay", c.weight_decay, 0.0, 1.0,
           "L2: times every weight, biases excepted, added to its gradient");
    v.boolean("keep_zeros", c.keep_zeros, "weights that are zero in the network stay zero");
    v.boolean(
        "remove_dead_neurons", c.remove_dead_neurons,
        "the result is without neurons of fully connected layers that have no weights left to or from them");
    v.section("cost", c.cost, "what cut_by_cost and search save");
    v.list("phases", c.phases, "phases, one after the other");
    v.required({"network", "train", "test", "phases"});
  }
};

/// A training recipe.
struct TrainingFile {
  TrainingConfig training;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("training", c.training, "how a network is trained");
    v.required({"training"});
  }
};

/// Reads and checks a recipe: fields, files that must exist, names of phases, phases that contradict those
/// before. Throws ConfigurationError, and InputDataError for a missing file.
TrainingConfig load_training(const YamlNode& document);

/// What a phase does to one layer; empty where nothing.
struct LayerPlan {
  std::optional<PruneConfig> prune;
  std::optional<SurgeryConfig> surgery;
  std::optional<ShareConfig> share;
  std::optional<GateConfig> gates;  ///< means convolutions in one group alone
  std::optional<QuantiseConfig> quantise;
  double activation_lasso = 0.0;  ///< means layers with a rectifier alone

  bool changes() const { return prune || surgery || share || gates || quantise; }
};

LayerPlan plan_of(const PhaseConfig& phase, const std::string& layer);

/// Layers that a phase's search chooses a number of, as places in the list of names.
std::vector<std::size_t> searched_layers(const PhaseConfig& phase, const std::vector<std::string>& names);

/// Whether a layer can have gates: convolutions in one group.
bool takes_gates(const NetworkLayer& layer);

/// Throws ConfigurationError at the place of a phase's layer that the network does not have, that has no
/// weights, or whose kind takes no gates it is to have.
void check_layer_names(const TrainingConfig& config, const Network& network);

}  // namespace lacuna
