#include "sim/data/trace/hdf5_input.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "models/common/exact_float.h"
#include "models/common/text.h"

namespace lacuna::hdf5 {
namespace {

std::uint64_t file_size(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    throw InputDataError({path, 0, ""}, "cannot be opened", "a readable HDF5 file");
  }
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) {
    throw InputDataError({path, 0, ""}, "cannot be opened", "a readable HDF5 file");
  }
  return size;
}

/// Only the format in which all metadata carry checksums is opened: on damaged metadata of the old one
/// (superblock 0 and 1) HDF5 1.10 itself can crash.
void check_superblock(const std::string& path, Metadata metadata) {
  constexpr std::array<char, 8> signature = {'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};
  std::array<char, 9> start{};
  std::ifstream file(path, std::ios::binary);
  file.read(start.data(), static_cast<std::streamsize>(start.size()));
  if (!file || !std::equal(signature.begin(), signature.end(), start.begin())) {
    throw InputDataError({path, 0, ""}, "is not an HDF5 file", "an HDF5 file");
  }
  if (metadata == Metadata::checked && start[8] != 2 && start[8] != 3) {
    throw NeedsUnchecked();
  }
}

Handle open_file(const std::string& path, Metadata metadata) {
  check_superblock(path, metadata);
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
#if H5_VERSION_GE(1, 10, 7)
  H5Pset_file_locking(access.id(), false, true);  // reading needs no lock, and some file systems have none
#endif
  return Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.id()), H5Fclose);
}

}  // namespace

InputFile::InputFile(const std::string& path, Metadata metadata)
    : path_(path), metadata_(metadata), bytes_(file_size(path)), file_(open_file(path, metadata)) {
  if (!file_.valid()) {
    throw InputDataError({path, 0, ""}, "is damaged or cut short", "an intact HDF5 file");
  }
}

bool InputFile::has(const std::string& object) const {
  for (std::size_t slash = 0; slash != std::string::npos;) {
    slash = object.find('/', slash + 1);
    const std::string part = object.substr(0, slash);
    const htri_t exists = H5Lexists(file_.id(), part.c_str(), H5P_DEFAULT);
    if (exists == 0) {
      return false;
    }
    H5L_info_t info{};
    if (exists < 0 || H5Lget_info(file_.id(), part.c_str(), &info, H5P_DEFAULT) < 0) {
      fail(part, "cannot be looked up", "an undamaged file");
    }
    if (info.type != H5L_TYPE_HARD) {
      fail(part, "is a soft or external link", "data inside the file");
    }
  }
  return true;
}

Dataset InputFile::dataset(const std::string& name, Kind kind, int rank) const {
  if (!has(name)) {
    fail(name, "is missing", "a dataset of this name (docs/file-formats.md)");
  }
  return Dataset(file_.id(), path_, bytes_, name, kind, rank);
}

std::pair<std::vector<float>, std::vector<hsize_t>> InputFile::floats(const std::string& name,
                                                                      int rank) const {
  const Dataset source = dataset(name, Kind::real, rank);
  return {source.floats(), source.dimensions()};
}

NumberArray InputFile::tensor(const std::string& name) const {
  if (!has(name)) {
    std::string all;
    for (const std::string& each : dataset_names(100)) {
      all += (all.empty() ? "" : ", ") + cut(each, 128);
    }
    fail(name, "is not there", "one of: " + (all.empty() ? "(no dataset of numbers)" : cut(all, 2000)));
  }
  const bool is_boolean = Dataset::holds_booleans(file_.id(), name);
  if (!is_boolean && !Dataset::holds_integers(file_.id(), name)) {
    const Dataset source(file_.id(), path_, bytes_, name, Kind::any_real, std::nullopt);
    auto [values, vanished] = source.narrowed();
    return {std::move(values), source.dimensions(), vanished};
  }
  const Dataset source(file_.id(), path_, bytes_, name, is_boolean ? Kind::boolean : Kind::integer,
                       std::nullopt);
  std::vector<float> values;
  values.reserve(source.elements());
  for (const std::int64_t integer : source.integers()) {
    if (is_boolean && integer != 0 && integer != 1) {
      fail(name, "element " + std::to_string(values.size()) + " is " + std::to_string(integer),
           "FALSE (0) or TRUE (1)");
    }
    const std::optional<float> exact = exact_float(integer);
    if (!exact) {
      fail(name, "element " + std::to_string(values.size()) + " is not exact in float32", exact_integers);
    }
    values.push_back(*exact);
  }
  return {std::move(values), source.dimensions(), 0};
}

namespace {

struct FoundNames {
  std::vector<std::string> names;
  std::size_t most = 0;
};

herr_t collect_name(hid_t /*group*/, const char* name, const H5O_info_t* info, void* data) {
  auto& found = *static_cast<FoundNames*>(data);
  const std::string_view text = name;
  const bool printable = is_utf8(text) && std::none_of(text.begin(), text.end(),
                                                       [](unsigned char c) { return c < ' ' || c == 127; });
  if (info->type == H5O_TYPE_DATASET && printable) {
    found.names.emplace_back(name);
  }
  return found.names.size() < found.most ? 0 : 1;
}

}  // namespace

std::vector<std::string> InputFile::dataset_names(std::size_t most) const {
  FoundNames found{{}, most};
  H5Ovisit2(file_.id(), H5_INDEX_NAME, H5_ITER_INC, collect_name, &found, H5O_INFO_BASIC);
  return found.names;
}

Handle InputFile::attribute(const std::string& object, const std::string& name) const {
  const std::string key = object == "/" ? name : object + "@" + name;
  const htri_t exists = H5Aexists_by_name(file_.id(), object.c_str(), name.c_str(), H5P_DEFAULT);
  if (exists < 0) {
    fail(key, "cannot be looked up", "an undamaged file");
  }
  if (exists == 0) {
    return Handle(-1, H5Aclose);
  }
  Handle found(H5Aopen_by_name(file_.id(), object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  if (!found.valid()) {
    fail(key, "cannot be opened", "an undamaged attribute");
  }
  const Handle space(H5Aget_space(found.id()), H5Sclose);
  if (!space.valid() || H5Sget_simple_extent_npoints(space.id()) != 1) {
    fail(key, "holds more or less than one value", "one value");
  }
  return found;
}

std::optional<std::int64_t> InputFile::integer_attribute(const std::string& object,
                                                         const std::string& name) const {
  const Handle found = attribute(object, name);
  if (!found.valid()) {
    return std::nullopt;
  }
  const Handle type(H5Aget_type(found.id()), H5Tclose);
  const H5T_class_t type_class = type.valid() ? H5Tget_class(type.id()) : H5T_NO_CLASS;
  std::int64_t value = 0;
  if ((type_class != H5T_INTEGER && type_class != H5T_ENUM) || H5Tget_size(type.id()) > sizeof value ||
      H5Aread(found.id(), H5T_NATIVE_INT64, &value) < 0) {
    fail(object == "/" ? name : object + "@" + name, "has the wrong type", "an integer");
  }
  return value;
}

std::string InputFile::text(const Handle& attribute, const std::string& key) const {
  const Handle type(H5Aget_type(attribute.id()), H5Tclose);
  if (!type.valid() || H5Tget_class(type.id()) != H5T_STRING) {
    fail(key, "has the wrong type", "text");
  }
  if (H5Tis_variable_str(type.id()) != 0) {
    return checked_text(variable_text(attribute, key), key);
  }
  const std::size_t size = H5Tget_size(type.id());
  if (size > max_text_bytes) {
    fail(key, "is too long", "at most " + std::to_string(max_text_bytes) + " bytes");
  }
  std::vector<char> buffer(size + 1, '\0');
  const Handle memory(H5Tcopy(type.id()), H5Tclose);
  if (H5Aread(attribute.id(), memory.id(), buffer.data()) < 0) {
    fail(key, "cannot be read", "an undamaged attribute");
  }
  return checked_text(buffer.data(), key);
}

std::string InputFile::checked_text(std::string value, const std::string& key) const {
  if (value.size() > max_text_bytes) {
    fail(key, "is too long", "at most " + std::to_string(max_text_bytes) + " bytes");
  }
  if (std::any_of(value.begin(), value.end(), [](unsigned char c) { return c < ' ' || c == 127; })) {
    fail(key, "holds control characters", "text of one line");
  }
  if (!is_utf8(value)) {
    fail(key, "is not UTF-8 text", "UTF-8");
  }
  return value;
}

/// Texts of variable length lie in a heap without checksums.
std::string InputFile::variable_text(const Handle& attribute, const std::string& key) const {
  if (metadata_ == Metadata::checked) {
    throw NeedsUnchecked();
  }
  const Handle type(H5Aget_type(attribute.id()), H5Tclose);
  char* text = nullptr;
  if (H5Aread(attribute.id(), type.id(), &text) < 0) {
    fail(key, "cannot be read", "an undamaged attribute");
  }
  std::string value(text == nullptr ? "" : text);
  H5free_memory(text);
  return value;
}

std::optional<std::string> InputFile::text_attribute(const std::string& object,
                                                     const std::string& name) const {
  const Handle found = attribute(object, name);
  if (!found.valid()) {
    return std::nullopt;
  }
  return text(found, object == "/" ? name : object + "@" + name);
}

std::map<std::string, std::string> InputFile::text_attributes(const std::string& object) const {
  H5O_info_t info{};
  if (H5Oget_info_by_name2(file_.id(), object.c_str(), &info, H5O_INFO_NUM_ATTRS, H5P_DEFAULT) < 0) {
    fail(object, "cannot be opened", "a group with text attributes");
  }
  if (info.num_attrs > max_attributes) {
    fail(object, "has too many attributes", "at most " + std::to_string(max_attributes));
  }
  std::map<std::string, std::string> found;
  for (hsize_t i = 0; i < info.num_attrs; ++i) {
    const Handle attribute_id(
        H5Aopen_by_idx(file_.id(), object.c_str(), H5_INDEX_NAME, H5_ITER_INC, i, H5P_DEFAULT, H5P_DEFAULT),
        H5Aclose);
    std::array<char, 256> name{};
    if (!attribute_id.valid() || H5Aget_name(attribute_id.id(), name.size(), name.data()) < 0) {
      fail(object, "has an unreadable attribute", "an undamaged file");
    }
    for (const char* c = name.data(); *c != '\0'; ++c) {
      if (static_cast<unsigned char>(*c) < ' ' || *c == 127) {
        fail(object, "has an attribute with control characters in its name", "printable names");
      }
    }
    if (!is_utf8(name.data())) {
      fail(object, "has an attribute whose name is not UTF-8 text", "UTF-8");
    }
    const std::string key = object + "@" + name.data();
    const Handle space(H5Aget_space(attribute_id.id()), H5Sclose);
    if (!space.valid() || H5Sget_simple_extent_npoints(space.id()) != 1) {
      fail(key, "holds more or less than one value", "one value");
    }
    found[name.data()] = text(attribute_id, key);
  }
  return found;
}

}  // namespace lacuna::hdf5
