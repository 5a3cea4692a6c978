#pragma once

#include <string>
#include <vector>

namespace lacuna {

/// Where the validation of the streaming machine finds its files.
struct TomatoValidationOptions {
  std::string configuration_folder;  ///< configs: tomato/mobilenet.yaml, networks/, devices/
  std::string data_folder;           ///< holds mnist; empty or without it: that part is skipped
  unsigned threads = 1;              ///< that share the images
};

/// A published or asked-for statement beside what the simulation gives.
struct TomatoStatement {
  std::string what;
  std::string published;
  std::string ours;
  bool holds = true;
  bool judged = true;  ///< false: a difference that docs/validation.md explains, shown but without a verdict
};

/// Accuracy of LeNet-5 in one arithmetic.
struct TomatoAccuracy {
  std::string arithmetic;
  std::uint64_t correct = 0;
  std::uint64_t images = 0;
};

struct TomatoValidation {
  std::vector<TomatoStatement> statements;
  std::string machine;                     ///< the run's tables: which layers are shift and which fixed
  std::vector<TomatoStatement> all_fixed;  ///< what happens with 16-bit fixed point throughout; no verdict
  bool has_images = false;
  std::vector<TomatoAccuracy> accuracies;

  bool passed() const;
};

/// MobileNet-V1 on one Stratix 10, one input pixel per cycle, simulated on the SystemC pipeline for three
/// frames, beside the published figures (Zhao et al., FPT 2019); the same with 16-bit fixed point throughout;
/// accuracy of the pruned LeNet-5 over the MNIST test images in three arithmetics, on the timeline engine.
/// Nothing is fitted: the clock of 157 MHz is derived from the published latency and not validated. Throws
/// Lacuna's errors.
TomatoValidation validate_tomato(const TomatoValidationOptions& options);

/// The tables as text, Markdown, lines ending with a line feed.
std::string validation_text(const TomatoValidation& validation);

}  // namespace lacuna
