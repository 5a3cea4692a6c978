// HDF5 traces that are sound as files and hostile in what they hold: the input says which types, dimensions,
// chunks, filters and values each dataset has. (Bytes changed at random seldom get past HDF5's checksums.)

#include <array>
#include <cstdint>
#include <cstring>
#include <string>

#include "models/common/error.h"
#include "sim/data/trace/quantise.h"
#include "sim/data/trace/trace_file.h"
#include "sim/eie/run/run_layer.h"
#include "tests/fuzz/input_file.h"
#include "tests/hdf5_leaks.h"
#include "tests/sim/data/trace/raw_trace.h"

namespace {

using namespace lacuna;

/// Takes numbers from the input; zeros when it has ended.
class Dice {
 public:
  Dice(const std::uint8_t* bytes, std::size_t size) : bytes_(bytes), size_(size) {}

  std::uint8_t byte() { return position_ < size_ ? bytes_[position_++] : std::uint8_t{0}; }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned count = byte() % 9; count > 0; --count) {
      value = value << 8 | byte();
    }
    return value;
  }
  /// Any bits as a double: infinities and NaN among them.
  double real() {
    const std::uint64_t bits = number();
    if (bits < 65536) {
      return static_cast<double>(static_cast<std::int16_t>(bits));
    }
    double value = 0.0;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
  }
  bool ended() const { return position_ >= size_; }

 private:
  const std::uint8_t* bytes_;
  std::size_t size_;
  std::size_t position_ = 0;
};

constexpr std::size_t max_values = 64;

/// Room for what is really written: hostile sizes are claimed, not stored.
bool is_small(const std::vector<hsize_t>& dimensions) {
  hsize_t elements = 1;
  for (const hsize_t each : dimensions) {
    if (each > max_values) {
      return false;
    }
    elements *= each;
  }
  return elements <= max_values;
}

void spoil(test::RawDataset& dataset, Dice& dice) {
  const std::array<hid_t, 12> types = {H5T_STD_I8LE,   H5T_STD_U8LE,   H5T_STD_I16BE,  H5T_STD_U16LE,
                                       H5T_STD_I32LE,  H5T_STD_U32BE,  H5T_STD_I64LE,  H5T_STD_U64LE,
                                       H5T_IEEE_F32LE, H5T_IEEE_F64BE, H5T_IEEE_F32BE, H5T_VAX_F32};
  const std::uint8_t what = dice.byte();
  if ((what & 1) != 0) {
    dataset.type = types[dice.byte() % types.size()];
  }
  if ((what & 2) != 0) {
    for (std::size_t i = dice.byte() % max_values; i > 0 && !dataset.values.empty(); --i) {
      dataset.values[dice.byte() % dataset.values.size()] = dice.real();
    }
  }
  if ((what & 4) != 0) {
    dataset.dimensions.assign(dice.byte() % 4, 0);
    for (hsize_t& each : dataset.dimensions) {
      each = dice.number();
    }
    if (!is_small(dataset.dimensions)) {
      dataset.values.clear();
    } else {
      hsize_t elements = 1;
      for (const hsize_t each : dataset.dimensions) {
        elements *= each;
      }
      dataset.values.resize(elements);
    }
  }
  if ((what & 8) != 0 && !dataset.dimensions.empty()) {
    std::vector<hsize_t> chunk(dataset.dimensions.size());
    for (hsize_t& each : chunk) {
      each = 1 + dice.number() % (dataset.values.empty() ? hsize_t{1} << 33 : max_values);
    }
    const bool deflate = (what & 16) != 0;
    const bool shuffle = (what & 32) != 0;
    dataset.set_properties = [chunk, deflate, shuffle](hid_t properties) {
      H5Pset_chunk(properties, static_cast<int>(chunk.size()), chunk.data());
      if (shuffle) {
        H5Pset_shuffle(properties);
      }
      if (deflate) {
        H5Pset_deflate(properties, 1);
      }
    };
  }
}

/// What comes through is used as a run would use it.
void use(const Trace& trace) {
  eie::Parameters machine;
  machine.pe_count = 4;
  fitting_image(machine, quantise_layer(trace, {}, eie::value_widths(machine)).layer);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // what HDF5 refuses to write is no news
  Dice dice(bytes, size);
  test::RawTrace raw;
  while (!dice.ended()) {
    auto dataset = raw.datasets.begin();
    std::advance(dataset, dice.byte() % raw.datasets.size());
    spoil(dataset->second, dice);
  }
  const fuzz::InputFile file(nullptr, 0);
  try {
    raw.write(file.path());
  } catch (const std::exception&) {
    return 0;  // HDF5 does not write it
  }
  fuzz::expect_error_or_none<Error>([&file] { use(read_trace(file.path())); });
  return 0;
}
