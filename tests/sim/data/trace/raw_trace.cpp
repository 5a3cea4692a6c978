#include "tests/sim/data/trace/raw_trace.h"

namespace lacuna::test {
namespace {

void write_text(hid_t object, const char* name, const std::string& text, bool variable) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, variable ? H5T_VARIABLE : text.size());
  const hid_t space = H5Screate(H5S_SCALAR);
  const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  const char* pointer = text.c_str();
  H5Awrite(attribute, type, variable ? static_cast<const void*>(&pointer) : pointer);
  H5Aclose(attribute);
  H5Sclose(space);
  H5Tclose(type);
}

void write_dataset(hid_t file, const std::string& name, const RawDataset& dataset) {
  const hid_t space =
      dataset.dimensions.empty()
          ? H5Screate(H5S_SCALAR)
          : H5Screate_simple(static_cast<int>(dataset.dimensions.size()), dataset.dimensions.data(), nullptr);
  const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
  dataset.set_properties(properties);
  const hid_t id = H5Dcreate2(file, name.c_str(), dataset.type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
  if (!dataset.values.empty()) {
    H5Dwrite(id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, dataset.values.data());
  }
  H5Dclose(id);
  H5Pclose(properties);
  H5Sclose(space);
}

}  // namespace

RawTrace::RawTrace() {
  datasets["matrix/shape"] = {H5T_STD_I64LE, {2}, {4, 3}};
  datasets["matrix/indptr"] = {H5T_STD_I32LE, {4}, {0, 2, 2, 5}};
  datasets["matrix/indices"] = {H5T_STD_I32LE, {5}, {0, 3, 0, 1, 2}};
  datasets["matrix/data"] = {H5T_STD_U8LE, {5}, {1, 2, 3, 1, 2}};
  datasets["codebook"] = {H5T_IEEE_F32LE, {4}, {0, 1, 2, 3}};
  datasets["activations"] = {H5T_IEEE_F32LE, {2, 3}, {1, 0, 2, 0, 0.5, 0}};
}

void RawTrace::write(const std::string& path) const {
  H5dont_atexit();  // as the reader does: no complaint about damaged files at the end
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_libver_bounds(access, version, H5F_LIBVER_LATEST);
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
  write_text(file, "schema", schema, variable_text);
  for (const auto& [name, value] : flags) {
    if (value) {
      const hid_t space = H5Screate(H5S_SCALAR);
      const hid_t attribute = H5Acreate2(file, name.c_str(), H5T_STD_I8LE, space, H5P_DEFAULT, H5P_DEFAULT);
      H5Awrite(attribute, H5T_NATIVE_INT, &*value);
      H5Aclose(attribute);
      H5Sclose(space);
    }
  }
  const hid_t matrix = H5Gcreate2(file, "matrix", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  write_text(matrix, "format", format, variable_text);
  H5Gclose(matrix);
  for (const auto& [name, dataset] : datasets) {
    write_dataset(file, name, dataset);
  }
  H5Fclose(file);
  H5Pclose(access);
}

}  // namespace lacuna::test
