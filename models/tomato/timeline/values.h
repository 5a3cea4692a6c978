#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "models/tomato/analysis.h"
#include "models/tomato/timeline/gates.h"

namespace lacuna::tomato::timeline {

/// The weights of a unit, an output after the other, ready for dot products with the operand of a window or
/// frame. Outputs with few weights that are not zero keep only those.
class WeightRows {
 public:
  /// What the numbers of a unit's products fit.
  struct Widths {
    bool short_operands = false;  ///< each operand fits 16 bits
    bool narrow_sums = false;     ///< no partial sum leaves 32 bits
  };

  WeightRows() = default;
  /// `mantissas` [outputs][length].
  WeightRows(const std::vector<std::int32_t>& mantissas, std::size_t outputs, Widths widths);

  std::size_t length() const { return length_; }
  /// Whether operands are to be given in 16 bits, which are multiplied faster.
  bool takes_short() const { return short_; }
  /// Sums over rows `first` to `first + count - 1` of weight times operand.
  template <class Operand>
  void dots(std::size_t first, std::size_t count, const Operand* operand, std::int64_t* sums) const;

 private:
  struct Entry {
    std::uint32_t position;
    std::int32_t weight;
  };
  void dense_dots(std::size_t first, std::size_t count, const std::int16_t* operand,
                  std::int64_t* sums) const;
  void dense_dots(std::size_t first, std::size_t count, const std::int32_t* operand,
                  std::int64_t* sums) const;

  std::size_t length_ = 0;
  bool narrow_ = false;
  bool short_ = false;
  bool sparse_ = false;
  std::vector<std::int32_t> dense_;
  std::vector<std::int16_t> short_dense_;
  std::vector<std::size_t> starts_;  ///< sparse: of each row in `entries_`
  std::vector<Entry> entries_;
};

/// What flows through an edge in one frame: mantissas [pixel][channel]. A stream of windows is the map that
/// the windows slide over.
struct FrameValues {
  std::shared_ptr<const std::vector<std::int64_t>> values;
  MapShape map;
  const Unit* window = nullptr;  ///< the unit that made the windows
  std::int64_t padding = 0;      ///< mantissa outside the map
};

/// The result of a frame.
struct FrameOutcome {
  std::vector<std::int64_t> outputs;                ///< at the sink
  FrameGates gates;                                 ///< of the winners
  std::vector<std::uint64_t> saturations;           ///< as in Pipeline::units
  std::vector<std::vector<std::int64_t>> recorded;  ///< of the edges asked for
};

/// The values of a pipeline, frame by frame, without its time (contract, section 6).
class ValueModel {
 public:
  /// Keeps references. Weights must be there.
  ValueModel(const Pipeline& pipeline, const Analysis& analysis);

  /// One frame; may run in several threads at once.
  FrameOutcome run(const std::vector<std::int32_t>& pixels,
                   const std::vector<std::size_t>& recorded_edges = {}) const;

 private:
  const Pipeline& pipeline_;
  const Analysis& analysis_;
  std::vector<WeightRows> rows_;  ///< as in Pipeline::units
};

}  // namespace lacuna::tomato::timeline
