#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "sim/network/network.h"
#include "sim/training/network_scores.h"

namespace lacuna {

class TorchGraph;

/// In which libtorch computes. Weights go in and gradients come out in single precision in any case.
enum class TorchPrecision : std::uint8_t { float32, float64 };

/// Networks and their derivatives on libtorch, on the CPU. The results depend on the machine, the versions of
/// its libraries, and the number of threads, and on nothing else.
class TorchNetwork : public ScoredNetwork {
 public:
  /// Threads are those of the thread that makes it; networks in several threads want one each. Throws
  /// ConfigurationError, at the layer's place, for kinds that cannot be trained. Keeps a reference to
  /// `network`.
  TorchNetwork(const Network& network, std::uint32_t threads,
               TorchPrecision precision = TorchPrecision::float32);
  ~TorchNetwork() override;

  Evaluation evaluate(const std::vector<TrainedLayer>& layers, const ImageBatch& batch) override;
  Evaluation differentiate(const std::vector<TrainedLayer>& layers, const ImageBatch& batch,
                           std::vector<LayerGradients>& gradients) override;
  /// Computes anew from the first layer on whose weights are not those of the evaluation before: a search
  /// that changes the last layers computes no convolution.
  std::unique_ptr<RepeatedEvaluation> repeated(ImageBatch batch) override;

  NetworkScores scores(const std::vector<TrainedLayer>& layers, const ImageBatch& batch,
                       const std::vector<std::size_t>& probes) override;
  ChannelSaliencies channel_fisher(const std::vector<TrainedLayer>& layers, const ImageBatch& batch,
                                   const std::vector<std::size_t>& probes) override;
  AttentionMaps attention(const std::vector<TrainedLayer>& layers, const ImageBatch& batch,
                          const std::vector<std::size_t>& places) override;
  void attend(AttentionLoss loss) override { attention_ = std::move(loss); }

  /// The network's outputs before a softmax at its end, [images][outputs].
  std::vector<float> outputs(const std::vector<TrainedLayer>& layers, const ImageBatch& batch);

 private:
  class Repeated;
  std::unique_ptr<TorchGraph> graph_;
  AttentionLoss attention_;  ///< without a teacher: none
};

}  // namespace lacuna
