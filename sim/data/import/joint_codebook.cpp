#include "sim/data/import/joint_codebook.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace lacuna {
namespace {

/// A run of neighbouring values that share one codebook entry.
struct Cluster {
  double sum = 0.0;
  double count = 0.0;
  std::vector<float> values;

  double mean() const { return sum / count; }
};

/// Squared error that making the two one adds.
double merge_cost(const Cluster& a, const Cluster& b) {
  const double distance = a.mean() - b.mean();
  return a.count * b.count / (a.count + b.count) * distance * distance;
}

/// One cluster for each distinct nonzero value, ascending.
std::vector<Cluster> distinct_clusters(const std::vector<float>& codebook,
                                       const std::vector<std::uint64_t>& uses,
                                       const std::vector<float>& biases) {
  std::map<float, double> counts;
  for (std::size_t code = 1; code < codebook.size(); ++code) {
    if (uses[code] > 0 && codebook[code] != 0.0F) {
      counts[codebook[code]] += static_cast<double>(uses[code]);
    }
  }
  for (const float bias : biases) {
    if (bias != 0.0F) {
      counts[bias] += 1.0;
    }
  }
  std::vector<Cluster> clusters;
  clusters.reserve(counts.size());
  for (const auto& [value, count] : counts) {
    clusters.push_back({static_cast<double>(value) * count, count, {value}});
  }
  return clusters;
}

void merge_cheapest_pair(std::vector<Cluster>& clusters) {
  std::size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i + 1 < clusters.size(); ++i) {
    const double cost = merge_cost(clusters[i], clusters[i + 1]);
    if (cost < least) {
      best = i;
      least = cost;
    }
  }
  Cluster& first = clusters[best];
  const Cluster& second = clusters[best + 1];
  first.sum += second.sum;
  first.count += second.count;
  first.values.insert(first.values.end(), second.values.begin(), second.values.end());
  clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(best) + 1);
}

}  // namespace

JointCodebook join_codebook(const std::vector<float>& codebook, const std::vector<std::uint64_t>& uses,
                            const std::vector<float>& biases, std::size_t max_values) {
  std::vector<Cluster> clusters = distinct_clusters(codebook, uses, biases);
  JointCodebook joint;
  for (; clusters.size() > max_values - 1; ++joint.merges) {
    merge_cheapest_pair(clusters);
  }
  joint.codebook = {0.0F};
  std::map<float, std::uint8_t> code_of = {{0.0F, std::uint8_t{0}}};
  for (const Cluster& cluster : clusters) {
    for (const float value : cluster.values) {
      code_of[value] = static_cast<std::uint8_t>(joint.codebook.size());
    }
    joint.codebook.push_back(cluster.values.size() == 1 ? cluster.values[0]
                                                        : static_cast<float>(cluster.mean()));
  }
  joint.codebook.resize(std::max<std::size_t>(joint.codebook.size(), 2), 0.0F);
  const auto error = [&](float value) {
    return std::fabs(static_cast<double>(value) - static_cast<double>(joint.codebook[code_of.at(value)]));
  };
  joint.weight_codes.assign(codebook.size(), 0);
  for (std::size_t code = 1; code < codebook.size(); ++code) {
    if (uses[code] > 0) {
      joint.weight_codes[code] = code_of.at(codebook[code]);
      joint.largest_weight_error = std::max(joint.largest_weight_error, error(codebook[code]));
    }
  }
  for (const float bias : biases) {
    joint.bias_codes.push_back(code_of.at(bias));
    joint.largest_bias_error = std::max(joint.largest_bias_error, error(bias));
  }
  return joint;
}

}  // namespace lacuna
