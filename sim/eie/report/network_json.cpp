#include "sim/eie/report/network_json.h"

#include <nlohmann/json.hpp>

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

Json host_json(const HostWork& work) {
  return {{"additions", work.additions},
          {"multiplications", work.multiplications},
          {"comparisons", work.comparisons},
          {"exponentials", work.exponentials}};
}

Json best_json(const std::vector<std::vector<ClassScore>>& images) {
  Json json = Json::array();
  for (const auto& image : images) {
    Json classes = Json::array();
    for (const ClassScore& each : image) {
      classes.push_back({{"class", each.index}, {"score", each.score}});
    }
    json.push_back(std::move(classes));
  }
  return json;
}

}  // namespace

Json network_layer_json(const NetworkLayerReport& layer) {
  Json json = {{"kind", layer.kind},
               {"lowering", layer.lowering},
               {"input_shape", layer.input_shape},
               {"output_shape", layer.output_shape},
               {"input_density", layer.input_density},
               {"host_operations", host_json(layer.host)}};
  if (layer.lowering == "host") {
    return json;
  }
  json["products"] = layer.products;
  json["weight_density"] = layer.weight_density;
  json["vector_density"] = layer.vector_density;
  json["weight_sharing"] = layer.sharing;
  json["weight_sharing_largest_error"] = layer.sharing_largest_error;
  json["exact_gathering"] = layer.exact_gathering;
  json["outputs_at_limits"] = layer.outputs_at_limits;
  json["activation_traffic"] = {{"words_in", layer.traffic.words_in},
                                {"words_out", layer.traffic.words_out},
                                {"distinct_words_in", layer.traffic.distinct_words},
                                {"cycles", layer.traffic.cycles}};
  return json;
}

Json network_json(const NetworkReport& network) {
  Json json = {{"name", network.name},
               {"images", network.images},
               {"timed_images", network.timed_images},
               {"calibration_images", network.calibration_images},
               {"labelled", network.labelled},
               {"correct", network.correct},
               {"reference_labelled", network.reference_labelled},
               {"reference_correct", network.reference_correct},
               {"largest_output_error", network.largest_output_error},
               {"checked_vectors", network.checked_vectors},
               {"check_failures", network.check_failures},
               {"best", best_json(network.best)},
               {"reference_best", best_json(network.reference_best)},
               {"host_layers", Json::array()}};
  for (const HostLayerReport& layer : network.host_layers) {
    Json entry = {{"name", layer.name}};
    entry.update(network_layer_json(layer.network));
    json["host_layers"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace lacuna
