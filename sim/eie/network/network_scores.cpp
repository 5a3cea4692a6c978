#include "sim/eie/network/network_scores.h"

#include <algorithm>
#include <cmath>

#include "sim/eie/network/host_layers.h"
#include "sim/network/reference.h"

namespace lacuna {
namespace {

constexpr std::size_t shown_images = 16;
constexpr std::size_t shown_classes = 5;

/// The largest values, descending, the first among equals first.
std::vector<ClassScore> best_of(const Tensor& tensor) {
  std::vector<ClassScore> scores;
  scores.reserve(tensor.values.size());
  for (std::size_t i = 0; i < tensor.values.size(); ++i) {
    scores.push_back({i, static_cast<double>(tensor.values[i])});
  }
  const std::size_t count = std::min(shown_classes, scores.size());
  std::partial_sort(scores.begin(), scores.begin() + static_cast<std::ptrdiff_t>(count), scores.end(),
                    [](const ClassScore& a, const ClassScore& b) {
                      return a.score != b.score ? a.score > b.score : a.index < b.index;
                    });
  scores.resize(count);
  return scores;
}

std::int64_t class_of(const Tensor& tensor) {
  return std::max_element(tensor.values.begin(), tensor.values.end()) - tensor.values.begin();
}

Tensor network_output(const PreparedNetwork& network, const std::vector<std::vector<RawTensor>>& tensors,
                      std::size_t image) {
  const NetworkLayer& last = network.network.layers.back();
  if (last.kind != LayerKind::softmax) {
    return real_values(tensors.back()[image], network.formats.back());
  }
  const std::size_t before = last.inputs[0];
  const Tensor scores = real_values(tensors[before][image], network.formats[before]);
  return weightless_output(last, {&scores});
}

}  // namespace

void score_reference(const std::vector<Tensor>& outputs, const std::vector<std::int32_t>& labels,
                     NetworkReport& report) {
  for (std::size_t image = 0; image < outputs.size(); ++image) {
    if (image < shown_images) {
      report.reference_best.push_back(best_of(outputs[image]));
    }
    if (image < labels.size()) {
      ++report.reference_labelled;
      report.reference_correct += class_of(outputs[image]) == labels[image] ? 1U : 0U;
    }
  }
}

void score_outputs(const PreparedNetwork& network, const std::vector<std::vector<RawTensor>>& tensors,
                   std::size_t first, const std::vector<std::int32_t>& labels, NetworkReport& report) {
  for (std::size_t i = 0; i < tensors.front().size(); ++i) {
    const Tensor output = network_output(network, tensors, i);
    const std::size_t image = first + i;
    if (image < shown_images) {
      report.best.push_back(best_of(output));
    }
    if (image < labels.size()) {
      ++report.labelled;
      report.correct += class_of(output) == labels[image] ? 1U : 0U;
    }
    if (image < network.reference.size()) {
      for (std::size_t k = 0; k < output.values.size(); ++k) {
        const double error =
            static_cast<double>(output.values[k]) - static_cast<double>(network.reference[image].values[k]);
        report.largest_output_error = std::max(report.largest_output_error, std::fabs(error));
      }
    }
  }
}

}  // namespace lacuna
