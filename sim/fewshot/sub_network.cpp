#include "sim/fewshot/sub_network.h"

#include <cmath>

#include "sim/data/random/random_stream.h"

namespace lacuna {
namespace {

constexpr std::uint32_t kernels[] = {1, 3, 5};
/// Of the channels below.
constexpr double ratios[] = {0.25, 0.5, 1.0};
constexpr double expansions[] = {0.5, 1.0, 2.0};
constexpr std::uint32_t stage_channels[SubNetwork::most_stages] = {32, 32, 64, 64};

template <class T, std::size_t n>
constexpr std::uint32_t count(const T (&)[n]) {
  return n;
}

}  // namespace

std::vector<ConvolutionConfig> SubNetwork::layers() const {
  std::vector<ConvolutionConfig> all;
  for (std::size_t stage = 0; stage < stages; ++stage) {
    for (std::size_t i = 0; i < in_stage[stage]; ++i) {
      const Convolution& convolution = convolutions[stage][i];
      const double channels = stage_channels[stage] * ratios[convolution.ratio] * expansions[expansion];
      all.push_back(
          {static_cast<std::uint32_t>(std::lround(channels)), kernels[convolution.kernel], i == 0 ? 2U : 1U});
    }
  }
  return all;
}

std::vector<SubNetworkGene> genes_of(SubNetwork& network) {
  const auto all_of = [](std::uint8_t& value, std::uint32_t choices) {
    return SubNetworkGene{&value, 0, static_cast<std::uint8_t>(choices)};
  };
  std::vector<SubNetworkGene> genes = {
      {&network.stages, SubNetwork::fewest_stages, SubNetwork::most_stages - SubNetwork::fewest_stages + 1},
      all_of(network.expansion, count(expansions))};
  for (std::size_t stage = 0; stage < SubNetwork::most_stages; ++stage) {
    genes.push_back({&network.in_stage[stage], 1, SubNetwork::most_in_stage});
    for (SubNetwork::Convolution& convolution : network.convolutions[stage]) {
      genes.push_back(all_of(convolution.kernel, count(kernels)));
      genes.push_back(all_of(convolution.ratio, count(ratios)));
    }
  }
  return genes;
}

SubNetwork random_sub_network(std::uint64_t seed, std::uint64_t number) {
  RandomStream stream(seed, StreamPurpose::sub_network, number);
  SubNetwork network;
  for (const SubNetworkGene& gene : genes_of(network)) {
    *gene.value = static_cast<std::uint8_t>(gene.first + stream.below(gene.count));
  }
  return network;
}

std::vector<std::size_t> SubNetwork::positions() const {
  std::vector<std::size_t> all;
  for (std::size_t stage = 0; stage < stages; ++stage) {
    for (std::size_t i = 0; i < in_stage[stage]; ++i) {
      all.push_back(stage * most_in_stage + i);
    }
  }
  return all;
}

SubNetwork largest_sub_network() {
  SubNetwork network;
  for (const SubNetworkGene& gene : genes_of(network)) {
    *gene.value = static_cast<std::uint8_t>(gene.first + gene.count - 1);
  }
  return network;
}

}  // namespace lacuna
