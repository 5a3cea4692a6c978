#include "models/eie/systemc/arithmetic_unit.h"

namespace lacuna::eie::systemc {

void ArithmeticUnit::reset(const Layer& layer, std::int32_t* destination, std::uint32_t scratch) {
  codebook_ = layer.codebook.data();
  destination_ = destination;
  scratch_ = scratch;
  shift_ = layer.formats.product_shift();
  half_ = rounding_ == Rounding::nearest && shift_ > 0 ? std::int64_t{1} << (shift_ - 1) : 0;
  max_sum_ = static_cast<std::int32_t>(layer.formats.accumulator.max_raw());
  min_sum_ = static_cast<std::int32_t>(layer.formats.accumulator.min_raw());
  tally_.clear();
  occupied_ = 0;
  real_ = 0;
  last_address_ = 0;
  r1_ = {};
  r2_ = {scratch, 0, 0};
  r3_ = {0, scratch, 0};
  r4_ = {scratch, 0};
}

void ArithmeticUnit::trace(sc_core::sc_trace_file* file, const std::string& name) const {
  const std::string prefix = name + ".";
  sc_core::sc_trace(file, occupied_, prefix + "occupied_r4_to_r1", 4);
  sc_core::sc_trace(file, real_, prefix + "real_r4_to_r1", 4);
  sc_core::sc_trace(file, r4_.address, prefix + "accumulator_address");
  sc_core::sc_trace(file, r4_.sum, prefix + "accumulator_write_data");
}

}  // namespace lacuna::eie::systemc
