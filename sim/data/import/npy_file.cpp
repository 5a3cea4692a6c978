#include "sim/data/import/npy_file.h"

#include <limits>

#include "models/common/error.h"
#include "sim/data/import/input_bytes.h"
#include "sim/data/import/npy_header.h"

namespace lacuna {
namespace {

double real_at(const NpyHeader& header, const unsigned char* item) {
  return header.item_bytes == 4 ? static_cast<double>(little_endian_float(item)) : little_endian_double(item);
}

std::int64_t integer_at(const NpyHeader& header, const unsigned char* item, const std::string& path) {
  const std::uint64_t bits = little_endian(item, header.item_bytes);
  if (header.kind == 'i') {
    const int unused = 64 - 8 * static_cast<int>(header.item_bytes);
    return static_cast<std::int64_t>(bits << unused) >> unused;
  }
  if (bits > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    throw InputDataError({path, 0, ""}, "holds an integer above 2^63 - 1", "smaller integers");
  }
  return static_cast<std::int64_t>(bits);
}

/// Calls take(item) for each element in C order.
template <class Take>
void for_each_item(const NpyHeader& header, const unsigned char* data, Take take) {
  if (!header.fortran_order || header.shape.size() < 2) {
    const std::uint64_t elements = header.elements();
    for (std::uint64_t i = 0; i < elements; ++i) {
      take(data + i * header.item_bytes);
    }
    return;
  }
  for (std::uint64_t row = 0; row < header.shape[0]; ++row) {
    for (std::uint64_t column = 0; column < header.shape[1]; ++column) {
      take(data + (column * header.shape[0] + row) * header.item_bytes);
    }
  }
}

}  // namespace

NpyArray read_npy(const std::string& path) {
  return parse_npy(read_bytes(path, max_npy_bytes), path);
}

NpyArray parse_npy(const std::vector<unsigned char>& bytes, const std::string& path) {
  const NpyHeader header = parse_npy_header(bytes, path);
  if (header.fortran_order && header.shape.size() > 2) {
    throw InputDataError({path, 0, "header"}, "Fortran order",
                         "C order (numpy.ascontiguousarray), or rank 2");
  }
  NpyArray array;
  array.path = path;
  array.shape = header.shape;
  const unsigned char* data = bytes.data() + header.data_offset;
  if (header.kind == 'f') {
    array.reals.reserve(header.elements());
    for_each_item(header, data,
                  [&](const unsigned char* item) { array.reals.push_back(real_at(header, item)); });
  } else {
    array.integers.reserve(header.elements());
    for_each_item(header, data, [&](const unsigned char* item) {
      array.integers.push_back(integer_at(header, item, path));
    });
  }
  return array;
}

}  // namespace lacuna
