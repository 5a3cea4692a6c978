#pragma once

#include <cstdint>
#include <memory>

#include "sim/fewshot/few_shot_recipe.h"
#include "sim/fewshot/meta_parameters.h"
#include "sim/fewshot/meta_training.h"

namespace lacuna {

/// In which libtorch computes. Meta-parameters are in single precision in any case.
enum class MetaPrecision : std::uint8_t { float32, float64 };

/// MAML on libtorch: the inner steps are part of what is differentiated. Results depend on the machine, the
/// versions of its libraries, and the number of threads, and on nothing else.
class MetaNetwork : public MetaLearner {
 public:
  /// Keeps references to both. Threads are those that are set for the process (set_torch_threads).
  MetaNetwork(const FewShotConfig& config, const MetaLayout& layout,
              MetaPrecision precision = MetaPrecision::float32);
  ~MetaNetwork() override;

  Evaluation differentiate(const MetaValues& values, const Task& task, const MetaPlan& plan,
                           MetaGradient& gradient) override;
  Evaluation evaluate(const MetaValues& values, const Task& task) override;
  AdaptedWeights adapt(const MetaValues& values, const Task& task) override;

 private:
  class Graph;
  std::unique_ptr<Graph> graph_;
};

}  // namespace lacuna
