#include "sim/graph_training/graph_training_result.h"

#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/checksum.h"
#include "sim/files/output_file.h"
#include "sim/network/write_network.h"
#include "sim/report/text_formats.h"
#include "sim/yaml/field_writer.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

Json evaluation_json(const Evaluation& evaluation) {
  return {{"nodes", evaluation.images}, {"correct", evaluation.correct}, {"mean_loss", evaluation.loss()}};
}

std::string folder_of(const TrainedGraphNetwork& network) {
  return fmt::format("seed-{}", network.seed);
}

}  // namespace

AccuracySpread test_accuracy(const std::vector<TrainedGraphNetwork>& networks) {
  AccuracySpread spread;
  const auto count = static_cast<double>(networks.size());
  for (const TrainedGraphNetwork& each : networks) {
    spread.mean += each.test.accuracy() / count;
  }
  for (const TrainedGraphNetwork& each : networks) {
    spread.deviation += std::pow(each.test.accuracy() - spread.mean, 2);
  }
  spread.deviation = networks.size() > 1 ? std::sqrt(spread.deviation / (count - 1.0)) : 0.0;
  return spread;
}

std::string graph_training_identity(const GraphTrainingConfig& config, const TrainingOrigin& origin) {
  return sha256_text(provenance_of(FieldWriter::of(config), origin).dump());
}

std::string graph_curves_csv(const GraphTrainingState& state) {
  std::string text = "seed,epoch,training_loss,validation_loss,validation_accuracy\n";
  for (const GraphEpoch& row : state.curve) {
    text += fmt::format("{},{},{},{},{}\n", row.seed, row.epoch, row.training.loss(), row.validation.loss(),
                        row.validation.accuracy());
  }
  return text;
}

Json write_graph_networks(const GraphTrainingInput& input, const GraphTrainingState& state,
                          const std::string& folder, const std::string& prefix) {
  DataDescription data = input.data;
  data.part = input.config.test;
  Json networks = Json::array();
  for (const TrainedGraphNetwork& each : state.networks) {
    write_network(network_of(input.network, each), data,
                  (std::filesystem::path(folder) / folder_of(each)).string());
    networks.push_back({{"folder", prefix + folder_of(each)},
                        {"seed", each.seed},
                        {"epoch", each.epoch},
                        {"train", evaluation_json(each.train)},
                        {"validation", evaluation_json(each.validation)},
                        {"test", evaluation_json(each.test)}});
  }
  return networks;
}

void write_graph_training(const GraphTrainingInput& input, const TrainingOrigin& origin,
                          const GraphTrainingState& state, const std::string& folder) {
  const std::filesystem::path path(folder);
  Json json = {{"schema", "lacuna.graph_training/2"}};
  json.update(provenance_of(FieldWriter::of(input.config), origin));
  json["networks"] = write_graph_networks(input, state, folder, "");
  const AccuracySpread spread = test_accuracy(state.networks);
  json["test_accuracy"] = {{"mean", spread.mean}, {"deviation", spread.deviation}};
  write_output((path / "curves.csv").string(), graph_curves_csv(state));
  write_output((path / "graph-training.json").string(), pretty_json(json));
}

std::string graph_training_text(const std::vector<TrainedGraphNetwork>& networks) {
  std::string text;
  for (const TrainedGraphNetwork& each : networks) {
    text += fmt::format("seed {}: epoch {}, {} of {} validation and {} of {} test nodes right ({:.2f} %)\n",
                        each.seed, each.epoch, each.validation.correct, each.validation.images,
                        each.test.correct, each.test.images, 100.0 * each.test.accuracy());
  }
  const AccuracySpread spread = test_accuracy(networks);
  return text + fmt::format("test accuracy over {} seeds: {:.2f} +- {:.2f} %\n", networks.size(),
                            100.0 * spread.mean, 100.0 * spread.deviation);
}

}  // namespace lacuna
