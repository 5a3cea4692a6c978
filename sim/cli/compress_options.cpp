#include "sim/cli/compress_options.h"

#include <CLI/CLI.hpp>

#include "models/common/error.h"
#include "sim/cli/options.h"
#include "sim/data/import/kmeans.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna::cli {
namespace {

constexpr char compress_footer[] = R"(MODEL is
  .npy                weights [outputs, inputs] or [outputs, inputs, kernel height, kernel width]
  .npz .mtx .smtx     a sparse matrix (SciPy, Matrix Market, DLMC)
  .net                Han's deep-compressed SqueezeNet
  .h5                 a trace; its weights are taken as they are
  folder              csc-npy (see lacuna import)
  .yaml               a network (see configs/networks), or a recipe with settings of each layer
Examples:
  lacuna compress weights.npy --activations inputs.npy --density 0.1 --weight-bits 4 -o layer.h5
  lacuna compress configs/networks/lenet5.yaml --density 0.05 --sensitivity 0.01,0.02,0.05
  lacuna compress weights.npy --activations inputs.npy --density 0.1 --balance-pes 64
  lacuna compress configs/compression/lenet5.yaml --container lenet5.lwc --json lenet5.json)";

/// Options that a recipe settles.
const char* const settled_by_recipe[] = {
    "--threshold",      "--quality",     "--density", "--granularity", "--vector-length", "--balance-pes",
    "--representation", "--weight-bits", "--init",    "--seed",        "--index-bits",    "--biases",
    "--activations",    "--labels",      "--machine", "--max-vectors"};

FilePath file_path(const std::string& path) {
  return {path, path, {"", 0, ""}};
}

bool is_recipe(const std::string& path) {
  if (!is_yaml(path)) {
    return false;
  }
  const YamlNode document = load_yaml(path);
  return document.kind == YamlNode::Kind::mapping && document.find("compression") != nullptr;
}

void add_pruning(CLI::App& command, CompressArguments& a) {
  CLI::Option* threshold =
      command.add_option("--threshold", a.prune.threshold, "magnitudes up to X go")->type_name("X");
  CLI::Option* quality =
      command.add_option("--quality", a.prune.quality, "magnitudes up to X standard deviations go")
          ->type_name("X");
  CLI::Option* density =
      command.add_option("--density", a.prune.density, "share of the weights that stays")->type_name("X");
  threshold->excludes(quality)->excludes(density)->check(CLI::Range(0.0, 1e9));
  quality->excludes(density)->check(CLI::Range(0.0, 1e6));
  density->check(CLI::Range(0.0, 1.0));
  command
      .add_option("--granularity", a.granularity, "element, vector, kernel or filter: what goes as a whole")
      ->check(CLI::IsMember({"element", "vector", "kernel", "filter"}))
      ->capture_default_str();
  command.add_option("--vector-length", a.prune.vector_length, "weights of a vector (default: kernel width)")
      ->check(CLI::Range(1, 65536));
  command
      .add_option("--balance-pes", a.prune.balance_pe_count,
                  "equally many weights in each of N PEs; reported beside plain pruning, with cycles")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
}

void add_coding(CLI::App& command, CompressArguments& a) {
  command
      .add_option("--representation", a.representation,
                  "codebook, fixed, dynamic_fixed, shift, focused, ternary or binary")
      ->check(CLI::IsMember({"codebook", "fixed", "dynamic_fixed", "shift", "focused", "ternary", "binary"}))
      ->capture_default_str();
  command.add_option("--weight-bits", a.config.representation.weight_bits, "bits of a weight's code")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
  command
      .add_option("--init", a.initialisation, "codebook: k-means starts linear, density, random or optimal")
      ->check(CLI::IsMember(centroid_initialisation_names))
      ->capture_default_str();
  command.add_option("--seed", a.config.representation.seed, "seed of random starts and of focused")
      ->capture_default_str();
  command.add_option("--index-bits", a.config.index_bits, "bits of a relative index")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
}

void add_inputs(CLI::App& command, CompressArguments& a) {
  command.add_option("--biases", a.biases, "single layer: biases [outputs] (npy)")->type_name("FILE");
  command.add_option("--activations", a.activations, "single layer: input vectors [vectors, inputs] (npy)")
      ->type_name("FILE");
  command.add_option("--labels", a.labels, "single layer: class of each vector (npy)")->type_name("FILE");
  command.add_option("--name", a.name, "single layer: its name in tables and traces");
  command.add_option("--machine", a.machine, "architecture (YAML) on which cycles are measured")
      ->type_name("FILE");
  command
      .add_option("--max-vectors", a.config.max_vectors, "vectors of a layer that errors and cycles are of")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
}

}  // namespace

void add_compress_options(CLI::App& command, CompressArguments& a) {
  command.footer(compress_footer);
  command.add_option("MODEL", a.model, "weights, a network or a recipe")->required();
  add_pruning(command, a);
  add_coding(command, a);
  add_inputs(command, a);
  CLI::Option* const sensitivity =
      command.add_option("--sensitivity", a.sensitivity,
                         "scan instead of compressing: each layer alone at each of these densities");
  sensitivity->delimiter(',')->check(CLI::Range(0.0, 1.0))->type_name("D1,D2,...");
  command.add_option("-j,--jobs", a.jobs, "layers at a time; default: one per core")
      ->type_name("N")
      ->check(CLI::Range(1U, 1024U))
      ->excludes(sensitivity);
  command.add_flag("--compare-init", a.compare_initialisations,
                   "error of k-means from each initialisation, beside the optimum");
  command
      .add_option("--published", a.published, "CSV of published rows to print beside layers of their names")
      ->type_name("FILE");
  command.add_option("--network", a.network, "network whose rows --published means")->needs("--published");
  command.add_option("-o,--output", a.output,
                     "trace to write (single layer, needs activations), or folder of a network");
  command.add_option("--container", a.container, "container of the compressed weights to write")
      ->type_name("FILE");
  command.add_flag("--no-huffman", a.fixed, "write the container without Huffman coding")
      ->needs("--container");
  command.add_option("--json", a.json, "write the result as JSON to FILE")->type_name("FILE");
  command.add_flag("--force", a.force, "replace output files that exist");
  command.add_flag("--quiet", a.quiet, "print nothing but errors");
}

CompressionConfig compression_config(const CLI::App& command, const CompressArguments& a) {
  if (is_recipe(a.model)) {
    for (const char* option : settled_by_recipe) {
      if (command.count(option) > 0) {
        throw ConfigurationError({"", 0, option}, "stands beside a recipe, which settles it",
                                 "a key in the recipe");
      }
    }
    return load_compression(a.model);
  }
  CompressionConfig config = a.config;
  config.model = file_path(a.model);
  config.biases = file_path(a.biases);
  config.activations = file_path(a.activations);
  config.labels = file_path(a.labels);
  config.machine = file_path(a.machine);
  PruneConfig prune = a.prune;
  prune.granularity = position_of<PruneGranularity>(a.granularity, {"element", "vector", "kernel", "filter"});
  const bool rule = prune.threshold || prune.quality || prune.density;
  if (!rule && a.sensitivity.empty() &&
      (prune.balance_pe_count || prune.vector_length || command.count("--granularity") > 0)) {
    throw ConfigurationError({"", 0, "--density"}, "is missing: nothing is pruned",
                             "--density, --threshold or --quality beside the other options of pruning");
  }
  config.prune = prune;
  config.representation.kind = position_of<Representation>(
      a.representation, {"codebook", "fixed", "dynamic_fixed", "shift", "focused", "ternary", "binary"});
  config.representation.initialisation =
      position_of<CentroidInitialisation>(a.initialisation, centroid_initialisation_names);
  return config;
}

}  // namespace lacuna::cli
