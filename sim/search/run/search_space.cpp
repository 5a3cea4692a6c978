#include "sim/search/run/search_space.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/search/run/search_file.h"

namespace lacuna {
namespace {

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

/// The convolution of a layer as a loop nest has it.
Domain domain_of(const Network& network, const NetworkLayer& layer) {
  const TensorShape& input = network.input_of(layer).shape;
  Domain domain;
  domain.groups = layer.groups;
  domain.co = layer.outputs() / layer.groups;
  domain.ci = input.channels / layer.groups;
  domain.input_h = input.height;
  domain.input_w = input.width;
  domain.kh = layer.window.height;
  domain.kw = layer.window.width;
  domain.stride = layer.window.stride_height;
  domain.padding = layer.window.top;
  return domain;
}

/// What is stated of a layer, which may be nothing yet.
LayerArithmetic& stated(const std::string& layer, std::vector<LayerArithmetic>& arithmetic) {
  const auto found = std::find_if(arithmetic.begin(), arithmetic.end(),
                                  [&](const LayerArithmetic& each) { return each.layer == layer; });
  return found != arithmetic.end() ? *found
                                   : *arithmetic.insert(arithmetic.end(), LayerArithmetic{layer, {}, 1.0});
}

}  // namespace

std::string SearchFormatConfig::text() const {
  return fmt::format("{}({})", quantise_kind_names.begin()[static_cast<std::size_t>(kind)], weight_bits);
}

QuantiseConfig SearchFormatConfig::quantise() const {
  QuantiseConfig config;
  config.kind = kind;
  config.weight_bits = weight_bits;
  return config;
}

std::string SearchLanesConfig::text() const {
  const char* const taps[] = {"one", "row", "kernel"};
  return fmt::format("{}x{}:{}", wishes.inputs, wishes.outputs, taps[static_cast<std::size_t>(wishes.taps)]);
}

std::vector<std::size_t> gene_sizes(const Search& search) {
  std::vector<std::size_t> sizes(search.places, search.types.size());
  if (!search.config.formats.empty()) {
    sizes.insert(sizes.end(), search.places, search.config.formats.size());
  }
  if (!search.config.activations.empty()) {
    sizes.insert(sizes.end(), search.places, search.config.activations.size());
  }
  if (!search.config.lanes.empty()) {
    sizes.insert(sizes.end(), search.places, search.config.lanes.size());
  }
  for (const SearchMachine& machine : search.machines) {
    if (machine.variants.size() > 1) {
      sizes.push_back(machine.variants.size());
    }
  }
  return sizes;
}

std::vector<BlockType> Chosen::types() const {
  std::vector<BlockType> types;
  for (std::size_t place = 0; place < search_.places; ++place) {
    types.push_back(search_.types[genotype_[place]]);
  }
  return types;
}

std::vector<std::string> Chosen::blocks() const {
  std::vector<std::string> names;
  for (std::size_t place = 0; place < search_.places; ++place) {
    names.push_back(search_.types[genotype_[place]].name);
  }
  return names;
}

std::optional<std::size_t> Chosen::format(std::size_t place) const {
  if (search_.config.formats.empty()) {
    return std::nullopt;
  }
  return genotype_[search_.places + place];
}

std::optional<std::size_t> Chosen::lane(std::size_t place) const {
  if (search_.config.lanes.empty()) {
    return std::nullopt;
  }
  const std::size_t before =
      1U + (search_.config.formats.empty() ? 0 : 1) + (search_.config.activations.empty() ? 0 : 1);
  return genotype_[search_.places * before + place];
}

std::optional<std::uint32_t> Chosen::activation_bits(std::size_t place) const {
  if (search_.config.activations.empty()) {
    return std::nullopt;
  }
  const std::size_t before = search_.config.formats.empty() ? 1 : 2;
  return search_.config.activations[genotype_[search_.places * before + place]].bits;
}

std::vector<std::string> Chosen::formats() const {
  std::vector<std::string> texts;
  for (std::size_t place = 0; place < search_.places && format(place); ++place) {
    texts.push_back(search_.config.formats[*format(place)].text());
  }
  return texts;
}

std::vector<std::string> Chosen::activations() const {
  std::vector<std::string> texts;
  for (std::size_t place = 0; place < search_.places && activation_bits(place); ++place) {
    texts.push_back(fmt::format("{}", *activation_bits(place)));
  }
  return texts;
}

std::vector<std::string> Chosen::lanes() const {
  std::vector<std::string> texts;
  for (std::size_t place = 0; place < search_.places && lane(place); ++place) {
    texts.push_back(search_.config.lanes[*lane(place)].text());
  }
  return texts;
}

const MachineVariant& Chosen::variant(std::size_t machine) const {
  const std::vector<MachineVariant>& variants = search_.machines[machine].variants;
  if (variants.size() == 1) {
    return variants.front();
  }
  // Variants stand at the end, those of the last machine last.
  std::size_t behind = 0;
  for (std::size_t other = machine + 1; other < search_.machines.size(); ++other) {
    behind += search_.machines[other].variants.size() > 1 ? 1 : 0;
  }
  return variants[genotype_[genotype_.size() - 1 - behind]];
}

std::string Chosen::weights_text() const {
  const std::vector<std::string> in = formats();
  return joined(blocks()) + (in.empty() ? "" : " in " + joined(in));
}

std::string Chosen::network_text() const {
  const std::vector<std::string> to = activations();
  return weights_text() + (to.empty() ? "" : " to " + joined(to));
}

std::string Chosen::text_for(std::size_t machine) const {
  if (!search_.machines[machine].takes_arithmetic()) {
    return weights_text();
  }
  return network_text() + (search_.config.lanes.empty() ? "" : " on " + joined(lanes()));
}

Network Chosen::with_formats(const BlockNetwork& blocks, Network network, double density,
                             std::vector<LayerArithmetic>* arithmetic) const {
  if (density == 1.0 && search_.config.formats.empty()) {
    return network;
  }
  std::vector<TrainedLayer> layers = trained_layers(network, false);
  if (density < 1.0) {
    PruneConfig prune;
    prune.density = density;
    for (TrainedLayer& layer : layers) {
      cut(layer, prune);
    }
  }
  for (std::size_t place = 0; place < search_.places && format(place); ++place) {
    for (TrainedLayer& layer : layers) {
      const std::vector<std::size_t>& here = blocks.convolutions[place];
      if (std::find(here.begin(), here.end(), layer.position) == here.end()) {
        continue;
      }
      quantise(layer, search_.config.formats[*format(place)].quantise(), search_.config.seed);
      if (arithmetic != nullptr) {
        arithmetic->push_back({layer.name, layer.format->format, layer.format->scale});
      }
    }
  }
  return with_weights(network, layers);
}

void Chosen::add_lanes(const BlockNetwork& blocks, std::vector<LayerArithmetic>& arithmetic) const {
  for (std::size_t place = 0; place < search_.places && lane(place); ++place) {
    const LaneWishes& wishes = search_.config.lanes[*lane(place)].wishes;
    for (const std::size_t position : blocks.convolutions[place]) {
      const NetworkLayer& layer = blocks.network.layers[position];
      const StreamSchedule schedule = stream_schedule(with_lanes(domain_of(blocks.network, layer), wishes));
      stated(layer.name, arithmetic).lanes = {schedule.input_lanes, schedule.output_lanes,
                                              schedule.tap_lanes};
    }
  }
}

void Chosen::add_settings(const BlockNetwork& blocks, std::vector<LayerArithmetic>& arithmetic) const {
  add_lanes(blocks, arithmetic);
  for (std::size_t place = 0; place < search_.places && activation_bits(place); ++place) {
    for (const std::size_t position : blocks.convolutions[place]) {
      stated(blocks.network.layers[position].name, arithmetic).activation_bits = activation_bits(place);
    }
  }
}

void Chosen::fit_activations(
    const BlockNetwork& blocks, std::vector<TrainedLayer>& layers,
    const std::function<void(std::uint32_t, std::vector<TrainedLayer>&)>& fit) const {
  std::map<std::uint32_t, std::vector<TrainedLayer>> fitted;  // all layers with so many bits
  for (std::size_t place = 0; place < search_.places && activation_bits(place); ++place) {
    const std::uint32_t bits = *activation_bits(place);
    if (fitted.count(bits) == 0) {
      fit(bits, fitted.emplace(bits, layers).first->second);
    }
  }
  for (std::size_t place = 0; place < search_.places && activation_bits(place); ++place) {
    const std::vector<TrainedLayer>& from = fitted.at(*activation_bits(place));
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const std::vector<std::size_t>& here = blocks.convolutions[place];
      if (std::find(here.begin(), here.end(), layers[i].position) != here.end()) {
        layers[i].activations = from[i].activations;
      }
    }
  }
}

std::vector<PhaseLayerConfig> Chosen::format_phase(const BlockNetwork& blocks) const {
  std::vector<PhaseLayerConfig> settings;
  for (std::size_t place = 0; place < search_.places && format(place); ++place) {
    for (const std::size_t position : blocks.convolutions[place]) {
      PhaseLayerConfig& each = settings.emplace_back();
      each.name = blocks.network.layers[position].name;
      each.quantise = search_.config.formats[*format(place)].quantise();
    }
  }
  return settings;
}

}  // namespace lacuna
