#include "sim/data/trace/hdf5_output.h"

#include <algorithm>

#include "models/common/error.h"

namespace lacuna::hdf5 {
namespace {

constexpr unsigned gzip_level = 6;
constexpr hsize_t chunk_elements = 65536;

Handle create_file(const std::string& path) {
  const Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
  H5Pset_obj_track_times(creation.id(), false);
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  // Version 1.10 of the format: the first in which all metadata carry checksums and that all later libraries
  // read.
  H5Pset_libver_bounds(access.id(), H5F_LIBVER_V110, H5F_LIBVER_V110);
  return Handle(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.id(), access.id()), H5Fclose);
}

Handle dataset_properties(const std::vector<hsize_t>& dimensions, std::size_t element_bytes,
                          TraceCompression compression) {
  Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties.id(), false);
  if (compression == TraceCompression::none ||
      std::find(dimensions.begin(), dimensions.end(), hsize_t{0}) != dimensions.end()) {
    return properties;  // nothing to pack
  }
  std::vector<hsize_t> chunk = dimensions;
  chunk.back() = std::min(chunk.back(), chunk_elements);
  if (chunk.size() == 2) {
    chunk.front() = std::min(chunk.front(), std::max<hsize_t>(1, chunk_elements / chunk.back()));
  }
  H5Pset_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data());
  if (compression == TraceCompression::small) {
    if (element_bytes > 1) {
      H5Pset_shuffle(properties.id());
    }
    H5Pset_deflate(properties.id(), gzip_level);
  }
  H5Pset_fletcher32(properties.id());
  return properties;
}

}  // namespace

OutputFile::OutputFile(const std::string& temporary_path, const std::string& path,
                       TraceCompression compression)
    : path_(path), compression_(compression), file_(create_file(temporary_path)) {
  require(file_.valid(), "");
}

void OutputFile::require(bool done, const std::string& key) const {
  if (!done) {
    throw InputDataError({path_, 0, key}, "cannot be written", "a path in a writable folder with room");
  }
}

void OutputFile::close() {
  require(file_.close(), "");
}

void OutputFile::group(const std::string& name) {
  const Handle properties(H5Pcreate(H5P_GROUP_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties.id(), false);
  const Handle created(H5Gcreate2(file_.id(), name.c_str(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
                       H5Gclose);
  require(created.valid(), name);
}

void OutputFile::write(const std::string& name, const std::vector<hsize_t>& dimensions, hid_t file_type,
                       hid_t memory_type, const void* values) {
  const Handle space(H5Screate_simple(static_cast<int>(dimensions.size()), dimensions.data(), nullptr),
                     H5Sclose);
  const Handle properties = dataset_properties(dimensions, H5Tget_size(file_type), compression_);
  const Handle created(
      H5Dcreate2(file_.id(), name.c_str(), file_type, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
      H5Dclose);
  require(created.valid(), name);
  require(H5Dwrite(created.id(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0, name);
}

void OutputFile::dataset(const std::string& name, const std::vector<std::uint8_t>& values) {
  write(name, {values.size()}, H5T_STD_U8LE, H5T_NATIVE_UINT8, values.data());
}

void OutputFile::dataset(const std::string& name, const std::vector<std::uint16_t>& values) {
  write(name, {values.size()}, H5T_STD_U16LE, H5T_NATIVE_UINT16, values.data());
}

void OutputFile::dataset(const std::string& name, const std::vector<std::int32_t>& values) {
  write(name, {values.size()}, H5T_STD_I32LE, H5T_NATIVE_INT32, values.data());
}

void OutputFile::dataset(const std::string& name, const std::vector<std::int64_t>& values) {
  write(name, {values.size()}, H5T_STD_I64LE, H5T_NATIVE_INT64, values.data());
}

void OutputFile::dataset(const std::string& name, const std::vector<float>& values) {
  write(name, {values.size()}, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, values.data());
}

void OutputFile::dataset(const std::string& name, const std::vector<float>& values, std::uint64_t rows,
                         std::uint64_t columns) {
  write(name, {rows, columns}, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, values.data());
}

void OutputFile::write_attribute(const std::string& object, const std::string& name, hid_t file_type,
                                 hid_t memory_type, const void* value) {
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle created(H5Acreate_by_name(file_.id(), object.c_str(), name.c_str(), file_type, space.id(),
                                         H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                       H5Aclose);
  require(created.valid() && H5Awrite(created.id(), memory_type, value) >= 0, object + "@" + name);
}

void OutputFile::attribute(const std::string& object, const std::string& name, std::int32_t value) {
  write_attribute(object, name, H5T_STD_I32LE, H5T_NATIVE_INT32, &value);
}

void OutputFile::attribute(const std::string& object, const std::string& name, const std::string& value) {
  const Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.id(), std::max<std::size_t>(1, value.size()));
  H5Tset_strpad(type.id(), H5T_STR_NULLPAD);
  H5Tset_cset(type.id(), H5T_CSET_UTF8);
  write_attribute(object, name, type.id(), type.id(), value.c_str());
}

}  // namespace lacuna::hdf5
