#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <vector>

#include "models/common/fixed_point.h"
#include "models/common/quantisation_tally.h"
#include "sim/eie/network/lowered_layer.h"
#include "sim/network/network.h"

namespace lacuna {

/// The tensors of one input and of the roundings that stand behind it, before any weight: a search has the
/// same ones in each of its candidates.
struct LeadingTensors {
  std::vector<ElementParameters> roundings;  ///< of the layers 1, 2, ...
  std::vector<Tensor> real;                  ///< by layer, from the input on; empty before the first run
  std::vector<double> largest;               ///< magnitude of each of `real`
  std::vector<FixedFormat> formats;          ///< of `raw`
  std::vector<RawTensor> raw;                ///< the same tensors as the host computes them in fixed point
  std::vector<std::uint64_t> nonzeros;       ///< of each of `raw`
  FixedFormat last_format;                   ///< of `last_rounded`
  RawTensor last_rounded;                    ///< the last of `real`, in fixed point
  QuantisationTally last_tally;              ///< what became of its values

  std::size_t layers() const { return roundings.size() + 1; }
  /// Takes `real` from the outputs of all layers, whose magnitudes begin with `magnitudes`.
  void keep_real(std::vector<Tensor>& outputs, const std::vector<double>& magnitudes);
  /// Makes `last_rounded` unless it is there in this format.
  void round_last(const Tensor& last, const FixedFormat& format);
};

/// Keeps leading tensors between the runs of one machine. Whoever takes some has them alone until they come
/// back, so that runs in several threads do not meet.
class LeadingTensorsStore {
 public:
  /// Those of a network and its only input: as they were given back last, or without tensors.
  LeadingTensors take(const Network& network, const Tensor& input);
  void give(LeadingTensors tensors);

 private:
  /// As many as a search has bits to choose among for its inputs.
  static constexpr std::size_t most_kept = 4;

  std::mutex mutex_;
  std::list<LeadingTensors> kept_;  ///< the last used first
};

/// Adds what becomes of a tensor's values in a format.
void add_tensor(const Tensor& tensor, const FixedFormat& format, QuantisationTally& tally);

}  // namespace lacuna
