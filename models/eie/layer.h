#pragma once

#include <cstdint>

#include "models/eie/parameters.h"
#include "models/sparse/column_source.h"
#include "models/sparse/image.h"
#include "models/sparse/layer.h"

/// What EIE takes from the sparse formats that several machines share, and how its parameters decide them.
namespace lacuna::eie {

using sparse::CodedMatrix;
using sparse::ColumnRows;
using sparse::ColumnSource;
using sparse::decode;
using sparse::encode;
using sparse::image_shape;
using sparse::ImageGeometry;
using sparse::ImageIdentity;
using sparse::Layer;
using sparse::LayerFormats;
using sparse::MatrixColumns;
using sparse::MemoryImage;
using sparse::PeMemory;
using sparse::ValueWidths;

/// What of a layer decides its batches and, with the matrix, its timing.
struct LayerShape {
  std::uint32_t inputs = 0;
  std::uint32_t outputs = 0;
  bool has_bias = false;
  bool relu = true;

  static LayerShape of(const Layer& layer) {
    return {layer.inputs(), layer.outputs(), layer.has_bias, layer.relu};
  }
  std::uint32_t columns() const { return inputs + (has_bias ? 1U : 0U); }
};

/// Geometry of the memory image that a machine holds.
inline ImageGeometry image_geometry(const Parameters& parameters) {
  ImageGeometry geometry;
  geometry.pe_count = parameters.pe_count;
  geometry.relative_index_bits = parameters.relative_index_bits;
  if (parameters.register_file_entries != 0) {
    geometry.rows_per_batch = parameters.register_file_entries * parameters.pe_count;
  }
  return geometry;
}

inline ValueWidths value_widths(const Parameters& parameters) {
  return {parameters.weight_value_width_bits, parameters.activation_width_bits,
          parameters.accumulator_width_bits, parameters.nonzero_detection == NonzeroDetection::positive};
}

}  // namespace lacuna::eie
