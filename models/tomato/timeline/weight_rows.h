#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lacuna::tomato::timeline {

/// The weights of a unit, an output after the other, ready for dot products with the operand of a window or
/// frame. Outputs with few weights that are not zero keep only those.
class WeightRows {
 public:
  WeightRows() = default;
  /// `mantissas` [outputs][length]. `narrow`: no partial sum leaves 32 bits.
  WeightRows(const std::vector<std::int32_t>& mantissas, std::size_t outputs, bool narrow);

  std::size_t length() const { return length_; }
  /// Sum over the row of weight times operand.
  std::int64_t dot(std::size_t output, const std::int32_t* operand) const;

 private:
  struct Entry {
    std::uint32_t position;
    std::int32_t weight;
  };
  std::size_t length_ = 0;
  bool narrow_ = false;
  bool sparse_ = false;
  std::vector<std::int32_t> dense_;
  std::vector<std::size_t> starts_;  ///< sparse: of each row in `entries_`
  std::vector<Entry> entries_;
};

}  // namespace lacuna::tomato::timeline
