#include "sim/graph_training/graph_training_result.h"

#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/checksum.h"
#include "sim/files/output_file.h"
#include "sim/network/write_network.h"
#include "sim/yaml/field_writer.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

Json score_json(const NodeScore& score) {
  return {{"nodes", score.nodes}, {"correct", score.correct}};
}

struct Spread {
  double mean = 0.0;
  double deviation = 0.0;  ///< of the sample; 0 for one
};

Spread test_accuracy(const std::vector<TrainedGraphNetwork>& networks) {
  Spread spread;
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

std::string folder_of(const TrainedGraphNetwork& network) {
  return fmt::format("seed-{}", network.seed);
}

}  // namespace

void write_graph_training(const GraphTrainingInput& input, const std::vector<TrainedGraphNetwork>& networks,
                          const std::string& folder) {
  const std::filesystem::path path(folder);
  DataDescription data = input.data;
  data.part = input.config.test;
  Json json = {{"schema", "lacuna.graph_training/1"},
               {"recipe", FieldWriter::of(input.config)},
               {"library", graph_training_library(input.config.threads)},
               {"inputs", Json::array()},
               {"networks", Json::array()}};
  for (const std::string& file : input.files) {
    json["inputs"].push_back({{"file", file}, {"sha256", sha256_file(file)}});
  }
  for (const TrainedGraphNetwork& each : networks) {
    write_network(each.network, data, (path / folder_of(each)).string());
    json["networks"].push_back({{"folder", folder_of(each)},
                                {"seed", each.seed},
                                {"epoch", each.epoch},
                                {"loss", each.loss},
                                {"train", score_json(each.train)},
                                {"validation", score_json(each.validation)},
                                {"test", score_json(each.test)}});
  }
  const Spread spread = test_accuracy(networks);
  json["test_accuracy"] = {{"mean", spread.mean}, {"deviation", spread.deviation}};
  write_output((path / "graph-training.json").string(), json.dump(2) + "\n");
}

std::string graph_training_text(const std::vector<TrainedGraphNetwork>& networks) {
  std::string text;
  for (const TrainedGraphNetwork& each : networks) {
    text += fmt::format("seed {}: epoch {}, {} of {} validation and {} of {} test nodes right ({:.2f} %)\n",
                        each.seed, each.epoch, each.validation.correct, each.validation.nodes,
                        each.test.correct, each.test.nodes, 100.0 * each.test.accuracy());
  }
  const Spread spread = test_accuracy(networks);
  return text + fmt::format("test accuracy over {} seeds: {:.2f} +- {:.2f} %\n", networks.size(),
                            100.0 * spread.mean, 100.0 * spread.deviation);
}

}  // namespace lacuna
