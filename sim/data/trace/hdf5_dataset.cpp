#include "sim/data/trace/hdf5_dataset.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "models/common/error.h"
#include "models/common/exact_float.h"

namespace lacuna::hdf5 {
namespace {

/// Bytes of a chunk, at most `most`; 0 for a dataset without chunks.
std::uint64_t chunk_bytes(hid_t dataset, std::uint64_t most) {
  const Handle creation(H5Dget_create_plist(dataset), H5Pclose);
  std::array<hsize_t, H5S_MAX_RANK> chunk{};
  if (!creation.valid() || H5Pget_layout(creation.id()) != H5D_CHUNKED) {
    return 0;
  }
  const int rank = H5Pget_chunk(creation.id(), static_cast<int>(chunk.size()), chunk.data());
  const Handle type(H5Dget_type(dataset), H5Tclose);
  std::uint64_t bytes = std::min<std::uint64_t>(most, type.valid() ? H5Tget_size(type.id()) : most);
  for (int i = 0; i < rank; ++i) {
    const hsize_t dimension = std::max<hsize_t>(1, chunk[static_cast<std::size_t>(i)]);
    bytes = bytes > most / dimension ? most : bytes * dimension;
  }
  return bytes;
}

/// Its cache holds two chunks, so that none is unpacked twice, and no more: memory that is used for the first
/// time costs as much as reading.
Handle open_dataset(hid_t file, const std::string& name) {
  const Handle access(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose);
  Handle first(H5Dopen2(file, name.c_str(), access.id()), H5Dclose);
  const std::uint64_t bytes = first.valid() ? chunk_bytes(first.id(), Dataset::max_chunk_bytes) : 0;
  if (bytes == 0) {
    return first;
  }
  first.close();
  H5Pset_chunk_cache(access.id(), 521, static_cast<std::size_t>(2 * bytes), 1.0);
  return Handle(H5Dopen2(file, name.c_str(), access.id()), H5Dclose);
}

bool is_any_of(hid_t type, std::initializer_list<hid_t> types) {
  return std::any_of(types.begin(), types.end(), [type](hid_t other) { return H5Tequal(type, other) > 0; });
}

bool is_standard_integer(hid_t type) {
  return is_any_of(type,
                   {H5T_STD_I8LE, H5T_STD_I8BE, H5T_STD_I16LE, H5T_STD_I16BE, H5T_STD_I32LE, H5T_STD_I32BE,
                    H5T_STD_I64LE, H5T_STD_I64BE, H5T_STD_U8LE, H5T_STD_U8BE, H5T_STD_U16LE, H5T_STD_U16BE,
                    H5T_STD_U32LE, H5T_STD_U32BE, H5T_STD_U64LE, H5T_STD_U64BE});
}

bool has_member(hid_t enumeration, const char* name, std::int8_t wanted) {
  std::int8_t value = -1;
  return H5Tenum_valueof(enumeration, name, &value) >= 0 && value == wanted;
}

bool is_boolean(hid_t type) {
  return H5Tget_class(type) == H5T_ENUM && H5Tget_size(type) == 1 && H5Tget_nmembers(type) == 2 &&
         has_member(type, "FALSE", 0) && has_member(type, "TRUE", 1);
}

bool is_standard_real(hid_t type) {
  return is_any_of(type, {H5T_IEEE_F32LE, H5T_IEEE_F32BE, H5T_IEEE_F64LE, H5T_IEEE_F64BE});
}

}  // namespace

Dataset::Dataset(hid_t file, const std::string& path, std::uint64_t file_bytes, const std::string& name,
                 Kind kind, std::optional<int> rank)
    : path_(path), name_(name), id_(open_dataset(file, name)) {
  if (!id_.valid()) {
    fail("cannot be opened as a dataset", "an undamaged dataset of numbers");
  }
  check_type(kind);
  const std::uint64_t bytes = check_dimensions(rank);
  check_storage(bytes, file_bytes);
}

void Dataset::fail(const std::string& wrong, const std::string& allowed) const {
  throw InputDataError({path_, 0, name_}, wrong, allowed);
}

void Dataset::check_type(Kind kind) const {
  const Handle type(H5Dget_type(id_.id()), H5Tclose);
  if (kind == Kind::integer && !(type.valid() && is_standard_integer(type.id()))) {
    fail("has the wrong type", "integers of 8, 16, 32 or 64 bits");
  }
  if (kind == Kind::boolean && !(type.valid() && is_boolean(type.id()))) {
    fail("has the wrong type", "booleans");
  }
  if (kind == Kind::real && !(type.valid() && is_standard_real(type.id()))) {
    fail("has the wrong type", "float32 or float64");
  }
  if (kind == Kind::any_real &&
      !(type.valid() && H5Tget_class(type.id()) == H5T_FLOAT && H5Tget_size(type.id()) <= sizeof(double))) {
    fail("has the wrong type", "floats of at most 64 bits, integers or booleans");
  }
}

bool Dataset::holds_integers(hid_t file, const std::string& name) {
  const Handle dataset = open_dataset(file, name);
  const Handle type(dataset.valid() ? H5Dget_type(dataset.id()) : hid_t{-1}, H5Tclose);
  return type.valid() && is_standard_integer(type.id());
}

bool Dataset::holds_booleans(hid_t file, const std::string& name) {
  const Handle dataset = open_dataset(file, name);
  const Handle type(dataset.valid() ? H5Dget_type(dataset.id()) : hid_t{-1}, H5Tclose);
  return type.valid() && is_boolean(type.id());
}

std::uint64_t Dataset::check_dimensions(std::optional<int> wanted) {
  const Handle space(H5Dget_space(id_.id()), H5Sclose);
  const bool simple = space.valid() && (H5Sget_simple_extent_type(space.id()) == H5S_SIMPLE ||
                                        (!wanted && H5Sget_simple_extent_type(space.id()) == H5S_SCALAR));
  const int rank = simple ? H5Sget_simple_extent_ndims(space.id()) : -1;
  if (rank < 0 || (wanted && rank != *wanted)) {
    fail("has the wrong number of dimensions", wanted ? std::to_string(*wanted) : "an array of numbers");
  }
  dimensions_.resize(static_cast<std::size_t>(rank));
  if (H5Sget_simple_extent_dims(space.id(), dimensions_.data(), nullptr) != rank) {
    fail("has unreadable dimensions", "an undamaged dataset");
  }
  const Handle type(H5Dget_type(id_.id()), H5Tclose);
  std::uint64_t bytes = H5Tget_size(type.id());
  elements_ = 1;
  for (const hsize_t dimension : dimensions_) {
    if (dimension != 0 && bytes > max_bytes / dimension) {
      fail("is too large", "at most " + std::to_string(max_bytes >> 30) + " GiB");
    }
    bytes *= dimension;
    elements_ *= dimension;
  }
  return bytes;
}

void Dataset::check_filters(hid_t creation) const {
  for (int i = 0; i < H5Pget_nfilters(creation); ++i) {
    unsigned flags = 0;
    std::size_t values = 0;
    const H5Z_filter_t filter =
        H5Pget_filter2(creation, static_cast<unsigned>(i), &flags, &values, nullptr, 0, nullptr, nullptr);
    if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32) {
      fail("is packed with an unknown filter", "gzip, shuffle and fletcher32");
    }
  }
}

void Dataset::check_storage(std::uint64_t bytes, std::uint64_t file_bytes) const {
  const Handle creation(H5Dget_create_plist(id_.id()), H5Pclose);
  if (!creation.valid()) {
    fail("has unreadable properties", "an undamaged dataset");
  }
  const H5D_layout_t layout = H5Pget_layout(creation.id());
  if ((layout != H5D_COMPACT && layout != H5D_CONTIGUOUS && layout != H5D_CHUNKED) ||
      H5Pget_external_count(creation.id()) != 0) {
    fail("keeps its data outside this file", "data inside the file");
  }
  std::uint64_t expansion = 1;
  if (layout == H5D_CHUNKED) {
    check_filters(creation.id());
    std::array<hsize_t, H5S_MAX_RANK> chunk{};
    const int rank = H5Pget_chunk(creation.id(), static_cast<int>(chunk.size()), chunk.data());
    const Handle type(H5Dget_type(id_.id()), H5Tclose);
    std::uint64_t chunk_bytes = H5Tget_size(type.id());
    for (int i = 0; i < rank; ++i) {
      const hsize_t dimension = chunk[static_cast<std::size_t>(i)];
      if (dimension == 0 || chunk_bytes > max_chunk_bytes / dimension) {
        fail("has too large chunks", "at most " + std::to_string(max_chunk_bytes >> 20) + " MiB each");
      }
      chunk_bytes *= dimension;
    }
    expansion = H5Pget_nfilters(creation.id()) > 0 ? max_deflate_expansion : 1;
  }
  const std::uint64_t stored = H5Dget_storage_size(id_.id());
  if (stored > file_bytes || bytes / expansion > stored) {
    fail("claims " + std::to_string(bytes) + " bytes, more than the file can hold", "an undamaged dataset");
  }
}

std::vector<float> Dataset::floats() const {
  std::vector<float> values(elements_);
  if (elements_ != 0 &&
      H5Dread(id_.id(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0) {
    fail("cannot be read", "an undamaged dataset");
  }
  return values;
}

std::pair<std::vector<float>, std::uint64_t> Dataset::narrowed() const {
  if (element_bytes() <= sizeof(float)) {
    return {floats(), 0};
  }
  std::vector<double> wide(elements_);
  if (elements_ != 0 &&
      H5Dread(id_.id(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, wide.data()) < 0) {
    fail("cannot be read", "an undamaged dataset");
  }
  std::vector<float> values(wide.size());
  std::transform(wide.begin(), wide.end(), values.begin(),
                 [](double number) { return static_cast<float>(number); });
  return {std::move(values),
          static_cast<std::uint64_t>(std::count_if(wide.begin(), wide.end(), vanishes_in_float32))};
}

std::vector<std::int64_t> Dataset::integers() const {
  std::vector<std::int64_t> values(elements_);
  if (elements_ != 0 &&
      H5Dread(id_.id(), H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0) {
    fail("cannot be read", "an undamaged dataset");
  }
  return values;
}

bool Dataset::is_signed() const {
  const Handle type(H5Dget_type(id_.id()), H5Tclose);
  return type.valid() && H5Tget_sign(type.id()) == H5T_SGN_2;
}

std::size_t Dataset::element_bytes() const {
  const Handle type(H5Dget_type(id_.id()), H5Tclose);
  return type.valid() ? H5Tget_size(type.id()) : 0;
}

void Dataset::read_block(hsize_t start, hsize_t count, hid_t memory_type, void* values) const {
  const Handle space(H5Dget_space(id_.id()), H5Sclose);
  const Handle memory(H5Screate_simple(1, &count, nullptr), H5Sclose);
  if (!space.valid() ||
      H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, &start, nullptr, &count, nullptr) < 0 ||
      H5Dread(id_.id(), memory_type, memory.id(), space.id(), H5P_DEFAULT, values) < 0) {
    fail("cannot be read", "an undamaged dataset");
  }
}

}  // namespace lacuna::hdf5
