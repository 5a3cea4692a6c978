#include <string>

#include <nlohmann/json.hpp>

#include "models/common/version.h"
#include "sim/compress/compression_report.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

Json classes_json(const std::optional<Classification>& classes) {
  return classes ? Json({{"correct", classes->correct}, {"labelled", classes->labelled}}) : Json(nullptr);
}

Json quality_json(const std::optional<LayerQuality>& quality) {
  if (!quality) {
    return nullptr;
  }
  return {{"output_error", quality->output_error}, {"classification", classes_json(quality->classification)}};
}

Json storage_json(const LayerStorage& s) {
  return {{"weights", s.weights},
          {"nonzeros", s.nonzeros},
          {"stored_entries", s.stored_entries},
          {"padding_entries", s.padding_entries},
          {"original_bits", s.original_bits},
          {"table_bits", s.table_bits},
          {"fixed_weight_bits", s.fixed_weight_bits},
          {"fixed_index_bits", s.fixed_index_bits},
          {"fixed_bits", s.fixed_bits()},
          {"huffman_weight_bits", s.huffman_weight_bits},
          {"huffman_index_bits", s.huffman_index_bits},
          {"huffman_table_bits", s.huffman_table_bits},
          {"huffman_bits", s.huffman_bits()},
          {"entropy_weight_bits", s.entropy_weight_bits},
          {"entropy_index_bits", s.entropy_index_bits}};
}

Json cost_json(const LayerCost& cost) {
  return {{"cycles", cost.cycles},
          {"theoretical_cycles", cost.theoretical_cycles},
          {"load_balance_efficiency", cost.load_balance_efficiency},
          {"stored_entries", cost.stored_entries},
          {"padding_entries", cost.padding_entries},
          {"least_pe_entries", cost.least_pe_entries},
          {"most_pe_entries", cost.most_pe_entries}};
}

Json machine_json(const std::optional<MachineComparison>& machine) {
  if (!machine) {
    return nullptr;
  }
  Json json = {{"pe_count", machine->pe_count}, {"cost", cost_json(machine->cost)}};
  if (machine->unbalanced) {
    json["without_balancing"] = cost_json(*machine->unbalanced);
    json["without_balancing"]["quality"] = quality_json(machine->unbalanced_quality);
  }
  return json;
}

Json prune_json(const LayerResult& layer) {
  const PruneOptions& options = layer.settings.prune;
  return {{"rule", name_of(options.rule)},
          {"value", options.value},
          {"granularity", name_of(options.granularity)},
          {"group_weights", layer.pruned.group_size},
          {"balance_pe_count", options.balance_pe_count ? Json(*options.balance_pe_count) : Json()},
          {"threshold", layer.pruned.threshold},
          {"kept_groups", layer.pruned.kept_groups},
          {"groups", layer.pruned.groups},
          {"kept_weights", layer.pruned.kept_weights},
          {"quality", quality_json(layer.pruned_quality)}};
}

Json representation_json(const LayerResult& layer) {
  const RepresentedWeights& r = layer.represented;
  Json json = {
      {"kind", name_of(layer.settings.representation.kind)},
      {"format", r.code.text()},
      {"scale", r.code.is_codebook() ? Json(nullptr) : Json(r.code.scale)},
      {"stored_bits", r.code.stored_bits()},
      {"note", r.note},
      {"mean_squared_error", r.mean_squared_error},
      {"largest_error", r.largest_error},
      {"signal_to_noise_db", r.signal_to_noise_db >= 999.0 ? Json(nullptr) : Json(r.signal_to_noise_db)},
      {"rounded_to_zero", r.rounded_to_zero},
      {"clipped", r.clipped}};
  return json;
}

Json layer_json(const LayerResult& layer) {
  Json json = {{"name", layer.name},
               {"shape", layer.compressed.shape},
               {"index_bits", layer.settings.index_bits},
               {"prune", prune_json(layer)},
               {"representation", representation_json(layer)},
               {"storage", storage_json(layer.storage)},
               {"original_classification", classes_json(layer.original)},
               {"quality", quality_json(layer.quality)}};
  json["initialisations"] = Json::array();
  for (const InitialisationResult& each : layer.initialisations) {
    json["initialisations"].push_back({{"initialisation", name_of(each.initialisation)},
                                       {"mean_squared_error", each.mean_squared_error},
                                       {"quality", quality_json(each.quality)}});
  }
  json["machine"] = machine_json(layer.machine);
  return json;
}

Json point_json(const SensitivityPoint& point) {
  return {{"layer", point.layer},
          {"target_density", point.target_density},
          {"density", point.density},
          {"quality", quality_json(point.quality)},
          {"network", classes_json(point.network)}};
}

}  // namespace

Json compression_json(const CompressionResult& result, const std::vector<SensitivityPoint>& points) {
  Json json = {{"schema", "lacuna.compression/1"}, {"program_version", program_version()}};
  json["layers"] = Json::array();
  for (const LayerResult& layer : result.layers) {
    json["layers"].push_back(layer_json(layer));
  }
  json["total"] = storage_json(result.total);
  json["network"] = {{"original", classes_json(result.original)},
                     {"compressed", classes_json(result.compressed)}};
  json["sensitivity"] = Json::array();
  for (const SensitivityPoint& point : points) {
    json["sensitivity"].push_back(point_json(point));
  }
  return json;
}

const char* name_of(Representation kind) {
  switch (kind) {
    case Representation::fixed:
      return "fixed";
    case Representation::dynamic_fixed:
      return "dynamic_fixed";
    case Representation::shift:
      return "shift";
    case Representation::focused:
      return "focused";
    case Representation::ternary:
      return "ternary";
    case Representation::binary:
      return "binary";
    case Representation::codebook:
      break;
  }
  return "codebook";
}

const char* name_of(PruneRule rule) {
  switch (rule) {
    case PruneRule::threshold:
      return "threshold";
    case PruneRule::quality:
      return "quality";
    case PruneRule::density:
      return "density";
    case PruneRule::none:
      break;
  }
  return "none";
}

const char* name_of(PruneGranularity granularity) {
  switch (granularity) {
    case PruneGranularity::vector:
      return "vector";
    case PruneGranularity::kernel:
      return "kernel";
    case PruneGranularity::filter:
      return "filter";
    case PruneGranularity::element:
      break;
  }
  return "element";
}

}  // namespace lacuna
