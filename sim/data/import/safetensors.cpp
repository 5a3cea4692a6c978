#include "sim/data/import/safetensors.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "models/common/exact_float.h"
#include "models/common/text.h"
#include "sim/data/import/input_bytes.h"

namespace lacuna {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t max_header_bytes = std::uint64_t{16} << 20;
constexpr std::size_t max_depth = 8;

[[noreturn]] void fail_tensor(const std::string& path, const std::string& key, const std::string& wrong,
                              const std::string& allowed) {
  throw InputDataError({path, 0, cut(key, 128)}, wrong, allowed);
}

/// Parses JSON that nobody vouches for. Throws InputDataError.
Json parse(const std::vector<unsigned char>& bytes, const std::string& path) {
  bool too_deep = false;
  Json json = Json::parse(
      bytes.begin(), bytes.end(),
      [&too_deep](int depth, Json::parse_event_t, Json&) {
        too_deep = too_deep || depth > static_cast<int>(max_depth);
        return !too_deep;
      },
      false);
  if (json.is_discarded() || too_deep || !json.is_object()) {
    fail_tensor(path, "header", "is no JSON object", "a file that the safetensors library wrote");
  }
  return json;
}

std::vector<std::uint64_t> whole_numbers(const Json& json, const std::string& path, const std::string& key) {
  std::vector<std::uint64_t> numbers;
  if (!json.is_array()) {
    fail_tensor(path, key, "is no list", "whole numbers");
  }
  for (const Json& each : json) {
    if (!each.is_number_unsigned()) {
      fail_tensor(path, key, "holds something else than whole numbers", "whole numbers from 0");
    }
    numbers.push_back(each.get<std::uint64_t>());
  }
  return numbers;
}

/// What the header says of a tensor.
struct Entry {
  std::string type;
  std::vector<std::uint64_t> shape;
  std::uint64_t begin = 0;  ///< in the file
  std::uint64_t bytes = 0;
};

const std::map<std::string, std::size_t>& item_bytes() {
  static const std::map<std::string, std::size_t> sizes = {
      {"F64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"I64", 8}, {"I32", 4}, {"I16", 2},
      {"I8", 1},  {"U64", 8}, {"U32", 4}, {"U16", 2},  {"U8", 1},  {"BOOL", 1}};
  return sizes;
}

/// One file, of which only the header is held.
class SafetensorsFile {
 public:
  explicit SafetensorsFile(const std::string& path) : path_(path) {
    const std::uint64_t length = file_length(path);
    if (length < 8) {
      fail_tensor(path, "", "is no safetensors file", "a length of eight bytes and a header");
    }
    const std::uint64_t header_bytes = little_endian(read_bytes_at(path, 0, 8).data(), 8);
    if (header_bytes > max_header_bytes || header_bytes > length - 8) {
      fail_tensor(path, "", "is no safetensors file, or cut short",
                  fmt::format("a header of at most {} bytes, within the file", max_header_bytes));
    }
    header_ = parse(read_bytes_at(path, 8, header_bytes), path);
    data_ = 8 + header_bytes;
    data_bytes_ = length - data_;
  }

  bool has(const std::string& name) const { return name != "__metadata__" && header_.contains(name); }

  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& [name, value] : header_.items()) {
      if (name != "__metadata__") {
        all.push_back(name);
      }
    }
    return all;
  }

  Entry entry(const std::string& name) const {
    const Json& json = header_.at(name);
    const bool whole = json.is_object() && json.contains("dtype") && json["dtype"].is_string() &&
                       json.contains("shape") && json.contains("data_offsets");
    if (!whole) {
      fail_tensor(path_, name, "lacks dtype, shape or data_offsets",
                  "a file that the safetensors library wrote");
    }
    Entry entry;
    entry.type = json["dtype"].get<std::string>();
    entry.shape = whole_numbers(json["shape"], path_, name);
    const std::vector<std::uint64_t> offsets = whole_numbers(json["data_offsets"], path_, name);
    if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data_bytes_) {
      fail_tensor(path_, name, "has offsets outside the file", "begin and end within its data");
    }
    const auto size = item_bytes().find(entry.type);
    if (size == item_bytes().end()) {
      fail_tensor(path_, name, "the type " + cut(entry.type, 32) + " is not read",
                  "F64, F32, F16, BF16, BOOL or integers");
    }
    entry.begin = data_ + offsets[0];
    entry.bytes = offsets[1] - offsets[0];
    if (checked_elements(entry.shape, place(name)) * size->second != entry.bytes) {
      fail_tensor(path_, name, fmt::format("{} bytes for its shape and type", entry.bytes),
                  "as many as they need");
    }
    return entry;
  }

  NamedTensor tensor(const std::string& name) const;
  /// The same as integers.
  std::vector<std::uint64_t> integers(const std::string& name) const;
  std::string place(const std::string& name) const { return path_ + ": " + cut(name, 128); }
  std::vector<unsigned char> bytes(const Entry& entry) const {
    return read_bytes_at(path_, entry.begin, entry.bytes);
  }

 private:
  std::string path_;
  Json header_;
  std::uint64_t data_ = 0;  ///< where the tensors begin
  std::uint64_t data_bytes_ = 0;
};

std::optional<float> integer_value(const std::string& type, const unsigned char* item, std::size_t size) {
  const std::uint64_t bits = little_endian(item, size);
  if (type[0] == 'I') {
    const int unused = 64 - 8 * static_cast<int>(size);
    return exact_float(static_cast<std::int64_t>(bits << unused) >> unused);
  }
  return bits > static_cast<std::uint64_t>(INT64_MAX) ? std::nullopt
                                                      : exact_float(static_cast<std::int64_t>(bits));
}

/// What is read as double and may vanish in float32.
bool vanishes(const std::string& type, const unsigned char* item) {
  return type == "F64" && vanishes_in_float32(little_endian_double(item));
}

/// Nothing for an integer that float32 cannot hold.
std::optional<float> item_value(const std::string& type, const unsigned char* item, std::size_t size) {
  if (type == "F64") {
    return static_cast<float>(little_endian_double(item));
  }
  if (type == "F32") {
    return little_endian_float(item);
  }
  if (type == "F16") {
    return half_float(static_cast<std::uint16_t>(little_endian(item, 2)));
  }
  if (type == "BF16") {
    return brain_float(static_cast<std::uint16_t>(little_endian(item, 2)));
  }
  return integer_value(type, item, size);
}

NamedTensor SafetensorsFile::tensor(const std::string& name) const {
  const Entry source = entry(name);
  const std::size_t size = item_bytes().at(source.type);
  const std::vector<unsigned char> data = bytes(source);
  NamedTensor tensor{place(name), source.shape, {}, 0};
  tensor.values.reserve(data.size() / size);
  for (std::size_t i = 0; i < data.size(); i += size) {
    const std::optional<float> value = item_value(source.type, &data[i], size);
    if (!value) {
      fail_tensor(path_, name, fmt::format("element {} is not exact in float32", i / size), exact_integers);
    }
    if (!std::isfinite(*value)) {
      fail_tensor(path_, name, fmt::format("element {} is not finite", i / size), "finite float32 numbers");
    }
    tensor.values.push_back(*value);
    tensor.vanished += vanishes(source.type, &data[i]) ? 1 : 0;
  }
  return tensor;
}

std::vector<std::uint64_t> SafetensorsFile::integers(const std::string& name) const {
  const Entry source = entry(name);
  const std::size_t size = item_bytes().at(source.type);
  const std::vector<unsigned char> data = bytes(source);
  std::vector<std::uint64_t> values;
  for (std::size_t i = 0; i < data.size(); i += size) {
    values.push_back(little_endian(&data[i], size));
  }
  return values;
}

/// Tensors by their names, in one file or in the shards of an index.
class Tensors {
 public:
  explicit Tensors(const std::string& path) : path_(path) {
    const std::string ending = ".index.json";
    is_index_ =
        path.size() > ending.size() && path.compare(path.size() - ending.size(), ending.size(), ending) == 0;
    if (!is_index_) {
      files_.emplace(path, SafetensorsFile(path));
      return;
    }
    const Json index = parse(read_bytes(path, max_header_bytes), path);
    if (!index.contains("weight_map") || !index["weight_map"].is_object()) {
      fail_tensor(path, "weight_map", "is missing", "an index that names each tensor's file");
    }
    for (const auto& [name, file] : index["weight_map"].items()) {
      if (!file.is_string()) {
        fail_tensor(path, name, "names no file", "the file of its tensor");
      }
      shards_[name] = shard_path(name, file.get<std::string>());
    }
  }

  bool has(const std::string& name) { return is_index_ ? shards_.count(name) > 0 : file_of(name).has(name); }

  const SafetensorsFile& file_of(const std::string& name) {
    if (!is_index_) {
      return files_.begin()->second;
    }
    const std::string& path = shards_.at(name);
    const auto found = files_.find(path);
    const SafetensorsFile& file =
        found != files_.end() ? found->second : files_.emplace(path, SafetensorsFile(path)).first->second;
    if (!file.has(name)) {
      fail_tensor(path, name, "is missing, though the index names this file for it",
                  "the shards of one index");
    }
    return file;
  }

  std::vector<std::string> names() const {
    if (!is_index_) {
      return files_.begin()->second.names();
    }
    std::vector<std::string> all;
    for (const auto& [name, file] : shards_) {
      all.push_back(name);
    }
    return all;
  }

  /// The only tensor that can be meant where none is named. Throws InputDataError.
  std::string only_name() const {
    const std::vector<std::string> all = names();
    if (all.size() != 1) {
      refuse("", fmt::format("holds {} tensors: {}", all.size(), shown(all)), "--tensor NAME");
    }
    return all.front();
  }

  [[noreturn]] void refuse(const std::string& name, const std::string& wrong,
                           const std::string& allowed) const {
    fail_tensor(path_, name, wrong, allowed);
  }

  static std::string shown(const std::vector<std::string>& all) {
    std::string text;
    for (const std::string& name : all) {
      text += (text.empty() ? "" : ", ") + cut(name, 128);
      if (text.size() > 1500) {
        return text + ", ...";
      }
    }
    return text;
  }

 private:
  /// Shards lie beside the index, and nowhere else.
  std::string shard_path(const std::string& name, const std::string& file) const {
    if (file.empty() || file == "." || file == ".." || file.find('/') != std::string::npos ||
        file.find('\0') != std::string::npos) {
      fail_tensor(path_, name, "names the file '" + cut(file, 128) + "'", "a file in the same folder");
    }
    return (std::filesystem::path(path_).parent_path() / file).string();
  }

  std::string path_;
  bool is_index_ = false;
  std::map<std::string, std::string> shards_;  ///< file of each tensor
  std::map<std::string, SafetensorsFile> files_;
};

/// Where a row's values begin, if the layout says so (sparse-bitmask).
class RowOffsets {
 public:
  RowOffsets(Tensors& tensors, const std::string& name, std::uint64_t rows) : tensors_(tensors), name_(name) {
    if (!tensors.has(name)) {
      return;
    }
    offsets_ = tensors.file_of(name).integers(name);
    if (offsets_.size() != rows) {
      tensors.refuse(name, fmt::format("{} numbers", offsets_.size()),
                     fmt::format("one for each of {} rows", rows));
    }
  }

  void check(std::uint64_t row, std::uint64_t values) const {
    if (!offsets_.empty() && offsets_[row] != values) {
      tensors_.refuse(name_, fmt::format("row {} begins at value {}", row, offsets_[row]),
                      fmt::format("the {} of the mask's bits before it", values));
    }
  }

 private:
  Tensors& tensors_;
  std::string name_;
  std::vector<std::uint64_t> offsets_;
};

/// Values where the mask has ones, row by row; bit i of a byte is its i-th column.
NamedTensor expand(Tensors& tensors, const std::string& stem, const std::string& name) {
  const std::string values_name = stem + ".compressed";
  const std::string mask_name = stem + ".bitmask";
  const std::string shape_name = stem + ".shape";
  const std::vector<std::uint64_t> shape = tensors.file_of(shape_name).integers(shape_name);
  const std::string place = tensors.file_of(values_name).place(name);
  if (shape.size() != 2) {
    tensors.refuse(shape_name, fmt::format("{} numbers", shape.size()), "rows and columns");
  }
  const std::uint64_t elements = checked_elements(shape, place);
  const SafetensorsFile& mask_file = tensors.file_of(mask_name);
  const Entry mask_entry = mask_file.entry(mask_name);
  const std::uint64_t row_bytes = (shape[1] + 7) / 8;
  if ((mask_entry.type != "U8" && mask_entry.type != "I8") || mask_entry.bytes != shape[0] * row_bytes) {
    tensors.refuse(mask_name, "does not fit the shape", fmt::format("{} x {} bytes", shape[0], row_bytes));
  }
  const std::vector<unsigned char> mask = mask_file.bytes(mask_entry);
  const NamedTensor values = tensors.file_of(values_name).tensor(values_name);
  NamedTensor tensor{place, shape, std::vector<float>(elements, 0.0F), values.vanished};
  const RowOffsets offsets(tensors, stem + ".row_offsets", shape[0]);
  std::size_t next = 0;
  for (std::uint64_t row = 0; row < shape[0]; ++row) {
    offsets.check(row, next);
    for (std::uint64_t column = 0; column < shape[1]; ++column) {
      if ((mask[row * row_bytes + column / 8] >> (column % 8) & 1U) == 0) {
        continue;
      }
      if (next == values.values.size()) {
        tensors.refuse(values_name, fmt::format("{} values", next), "one for each bit of the mask");
      }
      tensor.values[row * shape[1] + column] = values.values[next++];
    }
  }
  if (next != values.values.size()) {
    tensors.refuse(values_name, fmt::format("{} values", values.values.size()),
                   fmt::format("the {} of the mask's bits", next));
  }
  return tensor;
}

}  // namespace

NamedTensor read_safetensor(const std::string& path, const std::string& name) {
  Tensors tensors(path);
  const std::string wanted = name.empty() ? tensors.only_name() : name;
  if (tensors.has(wanted)) {
    return tensors.file_of(wanted).tensor(wanted);
  }
  const std::string weight = ".weight";
  std::vector<std::string> stems = {wanted};
  if (wanted.size() > weight.size() &&
      wanted.compare(wanted.size() - weight.size(), weight.size(), weight) == 0) {
    stems.push_back(wanted.substr(0, wanted.size() - weight.size()));
  }
  for (const std::string& stem : stems) {
    if (tensors.has(stem + ".compressed") && tensors.has(stem + ".bitmask") && tensors.has(stem + ".shape")) {
      return expand(tensors, stem, wanted);
    }
    for (const char* packed : {".weight_packed", "_packed"}) {
      if (tensors.has(stem + packed)) {
        tensors.refuse(wanted, "is packed in a quantised layout (" + stem + packed + ")",
                       "plain tensors, or the layouts sparse-bitmask and sparse-24-bitmask");
      }
    }
  }
  tensors.refuse(wanted, "is not there", Tensors::shown(tensors.names()));
}

}  // namespace lacuna
