#pragma once

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
using sparse::ImageGeometry;
using sparse::ImageIdentity;
using sparse::Layer;
using sparse::LayerFormats;
using sparse::MatrixColumns;
using sparse::MemoryImage;
using sparse::PeMemory;
using sparse::ValueWidths;

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
          parameters.accumulator_width_bits};
}

}  // namespace lacuna::eie
