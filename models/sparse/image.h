#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/sparse/image_identity.h"
#include "models/sparse/layer.h"

namespace lacuna::sparse {

/// One PE's sparse-matrix and pointer memories (contract, section 3), entries unpacked to a byte each.
struct PeMemory {
  std::vector<std::uint32_t> pointers;  ///< image columns + 1 entry numbers
  std::vector<std::uint8_t> codes;      ///< per entry; 0 = padding
  std::vector<std::uint8_t> zeros;      ///< per entry: z
};

/// What decides the image of a matrix, apart from the matrix.
struct ImageGeometry {
  std::uint32_t pe_count = 1;
  std::uint32_t relative_index_bits = 4;
  std::optional<std::uint32_t> rows_per_batch;  ///< outputs of one row batch; without it all are in one

  /// Rows of the first, largest batch of a matrix with so many rows. Throws ConfigurationError if it has
  /// none.
  std::uint32_t batch_rows(std::uint32_t rows) const;
};

/// The memories of all PEs for one matrix, or their sizes alone: what takes the nonzeros from the matrix
/// needs no more, and encoding costs many times what counting does.
struct MemoryImage {
  ImageGeometry geometry;
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;  ///< of the matrix, bias included
  std::uint32_t row_batches = 1;
  std::vector<PeMemory> pes;                   ///< none where only the sizes are known
  std::vector<std::uint64_t> counted_entries;  ///< of each PE, where only the sizes are known
  std::uint64_t stored_entries = 0;            ///< padding included
  std::uint64_t padding_entries = 0;
  ImageIdentity identity;  ///< to be renewed by whoever changes an image in place that an engine has run

  /// Stored entries of one PE, padding included.
  std::uint64_t entries_of(std::size_t pe) const {
    return pes.empty() ? counted_entries[pe] : pes[pe].codes.size();
  }
  /// The same of all PEs.
  std::vector<std::uint64_t> pe_entries() const;
  std::uint32_t batch_rows() const { return geometry.batch_rows(rows); }
  std::uint32_t image_columns() const { return columns * row_batches; }
};

/// An image without its memories: what geometry and shape decide. Throws CapacityError for a matrix without
/// rows or columns, and for so many row batches that pointers alone would exhaust memory.
MemoryImage image_shape(const CodedMatrix& matrix, const ImageGeometry& geometry);

/// Relative-index CSC of `matrix` with padding (source: EIE section III.B; contract section 3).
/// Throws CapacityError when a PE would hold more than 2^32 - 1 entries.
MemoryImage encode(const CodedMatrix& matrix, const ImageGeometry& geometry);

/// The inverse of `encode`: padding removed, columns merged in row order.
CodedMatrix decode(const MemoryImage& image);

}  // namespace lacuna::sparse
