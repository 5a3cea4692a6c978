#include "sim/fewshot/few_shot_result.h"

#include <filesystem>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/checksum.h"
#include "sim/data/import/npy_arrays.h"
#include "sim/files/output_file.h"
#include "sim/network/write_network.h"
#include "sim/report/text_formats.h"
#include "sim/yaml/field_writer.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

Json provenance(const FewShotConfig& config, const TrainingOrigin& origin) {
  return provenance_of(FieldWriter::of(config), origin);
}

Json accuracy_json(const TaskAccuracy& accuracy, std::size_t tasks) {
  return {{"tasks", tasks}, {"mean_accuracy", accuracy.mean}, {"half_interval_95", accuracy.half_interval}};
}

const char* rate_name(MetaArrayKind kind) {
  switch (kind) {
    case MetaArrayKind::kernel_rate:
      return "kernel";
    case MetaArrayKind::head_rate:
      return "head";
    case MetaArrayKind::head_bias_rate:
      return "head_bias";
    default:
      return nullptr;
  }
}

/// Rates of the inner steps as they were learned.
Json rates_json(const MetaLayout& layout, const MetaValues& values) {
  Json json = Json::array();
  for (const MetaArray& array : layout.arrays()) {
    const char* const name = rate_name(array.kind);
    if (name == nullptr) {
      continue;
    }
    const auto first = values.parameters.begin() + static_cast<std::ptrdiff_t>(array.offset);
    Json row = {{"of", name}};
    if (array.kind == MetaArrayKind::kernel_rate) {
      row["layer"] = array.layer + 1;
    }
    row["by_step"] = std::vector<float>(first, first + static_cast<std::ptrdiff_t>(array.size));
    json.push_back(std::move(row));
  }
  return json;
}

/// An IDX file of labels; they are below 256, as ways are at most.
std::string idx_content(const std::vector<std::int64_t>& labels) {
  std::string content = {0, 0, 8, 1};
  constexpr unsigned byte_bits = 8;
  for (unsigned shift = 3 * byte_bits; shift < 4 * byte_bits; shift -= byte_bits) {
    content += static_cast<char>(labels.size() >> shift & 255U);
  }
  for (const std::int64_t label : labels) {
    content += static_cast<char>(label);
  }
  return content;
}

DataDescription write_images(const ImageBatch& batch, const TensorShape& shape, const std::string& folder) {
  const std::string images = (fs::path(folder) / "query_images.npy").string();
  const std::string labels = (fs::path(folder) / "query_labels.idx").string();
  write_output(images, npy_content({batch.size(), shape.height, shape.width, shape.channels}, batch.values));
  write_output(labels, idx_content(batch.labels));
  DataDescription data;
  data.npy = {"query_images.npy", images, {}};
  data.labels = {"query_labels.idx", labels, {}};
  return data;
}

std::string percent(double share) {
  return fmt::format("{:.2f}", 100.0 * share);
}

}  // namespace

std::string few_shot_identity(const FewShotConfig& config, const TrainingOrigin& origin) {
  return sha256_text(provenance(config, origin).dump());
}

std::string few_shot_curves_csv(const MetaState& state) {
  std::string text =
      "epoch,meta_rate,order,last_step_weight,training_loss,training_accuracy,validation_accuracy,"
      "validation_half_interval_95\n";
  for (std::size_t e = 0; e < state.curve.size(); ++e) {
    const MetaEpoch& row = state.curve[e];
    text += fmt::format("{},{},{},{},{},{},{},{}\n", e + 1, row.rate, row.second_order ? 2 : 1,
                        row.last_weight, row.training.loss(), row.training.accuracy(), row.validation.mean,
                        row.validation.half_interval);
  }
  return text;
}

std::string few_shot_text(const FewShotConfig& config, const MetaState& state) {
  const TaskAccuracy test = task_accuracy(state.test);
  const TaskAccuracy& validation = state.curve[state.best_epoch - 1].validation;
  return fmt::format(
      "{}-way {}-shot: {} +- {} % of {} test tasks (95 % interval)\n"
      "epoch {} of {}, by {} +- {} % of {} validation tasks\n",
      config.tasks.ways, config.tasks.shots, percent(test.mean), percent(test.half_interval),
      config.test_tasks, state.best_epoch, config.epochs, percent(validation.mean),
      percent(validation.half_interval), config.validation_tasks);
}

void write_adapted(const FewShotConfig& config, const MetaLayout& layout, MetaLearner& learner,
                   const MetaValues& values, const Task& task, const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  const DataDescription data = write_images(task.query, layout.image(), folder);
  write_network(adapted_network(config, layout, learner.adapt(values, task)), data, folder);
}

void write_few_shot(const FewShotConfig& config, const TrainingOrigin& origin, const CharacterImages& images,
                    const MetaLayout& layout, MetaLearner& learner, const MetaState& state,
                    const std::string& folder) {
  const TaskSampler sampler(images, config, TaskPart::test);
  const fs::path path(folder);
  for (std::uint32_t t = 0; t < config.written_tasks; ++t) {
    const fs::path own = t == 0 ? path : path / fmt::format("task-{:04}", t + 1);
    write_adapted(config, layout, learner, state.best, sampler.task(t), own.string());
  }
  write_output((path / "curves.csv").string(), few_shot_curves_csv(state));
  write_output((path / "meta_parameters.npy").string(),
               npy_content({state.best.parameters.size()}, state.best.parameters));
  std::string tests = "task,accuracy\n";
  for (std::size_t t = 0; t < state.test.size(); ++t) {
    tests += fmt::format("{},{}\n", t + 1, state.test[t]);
  }
  write_output((path / "test.csv").string(), tests);
  Json json = {{"schema", "lacuna.few_shot/1"}};
  json.update(provenance(config, origin));
  json["best_epoch"] = state.best_epoch;
  json["validation"] = accuracy_json(state.curve[state.best_epoch - 1].validation, config.validation_tasks);
  json["test"] = accuracy_json(task_accuracy(state.test), state.test.size());
  json["inner_rates"] = rates_json(layout, state.best);
  write_output((path / "few_shot.json").string(), pretty_json(json));
}

}  // namespace lacuna
