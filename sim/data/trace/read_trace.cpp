#include <limits>

#include "sim/data/trace/hdf5_input.h"
#include "sim/data/trace/trace_file.h"
#include "sim/data/trace/trace_layout.h"

namespace lacuna {
namespace {

namespace at = trace_layout;
using hdf5::InputFile;

void require_text(const InputFile& file, const char* object, const char* name, const std::string& wanted) {
  const std::string key = std::string(object) == at::root ? name : std::string(object) + "@" + name;
  const auto found = file.text_attribute(object, name);
  if (!found) {
    file.fail(key, "is missing", "\"" + wanted + "\"");
  }
  if (*found != wanted) {
    file.fail(key, "is \"" + *found + "\"", "\"" + wanted + "\"");
  }
}

bool read_flag(const InputFile& file, const char* name) {
  const auto value = file.integer_attribute(at::root, name);
  if (!value) {
    file.fail(name, "is missing", "0 or 1");
  }
  if (*value != 0 && *value != 1) {
    file.fail(name, "is " + std::to_string(*value), "0 or 1");
  }
  return *value == 1;
}

sparse::CodedMatrix read_matrix(const InputFile& file) {
  if (!file.has(at::matrix)) {
    file.fail(at::matrix, "is missing", "a group of this name (docs/file-formats.md)");
  }
  require_text(file, at::matrix, at::format, at::csc);
  const auto shape = file.integers<std::uint32_t>(at::shape);
  if (shape.size() != 2) {
    file.fail(at::shape, std::to_string(shape.size()) + " elements", "rows and columns");
  }
  sparse::CodedMatrix matrix;
  matrix.rows = shape[0];
  matrix.columns = shape[1];
  matrix.column_starts = file.integers<std::uint64_t>(at::indptr);
  matrix.row_indices = file.integers<std::uint32_t>(at::indices);
  matrix.codes = file.integers<std::uint8_t>(at::data);
  return matrix;
}

std::optional<int> read_integer_bits(const InputFile& file, const char* name) {
  const auto bits = file.integer_attribute(at::formats, name);
  if (!bits) {
    return std::nullopt;
  }
  if (*bits < 0 || *bits > 31) {
    file.fail(std::string(at::formats) + "@" + name, "is " + std::to_string(*bits), "0 to 31");
  }
  return static_cast<int>(*bits);
}

IntegerBits read_formats(const InputFile& file) {
  if (!file.has(at::formats)) {
    return {};
  }
  return {read_integer_bits(file, at::weight_bits), read_integer_bits(file, at::activation_bits),
          read_integer_bits(file, at::accumulator_bits), read_integer_bits(file, at::output_bits)};
}

ActivationSet read_activations(const InputFile& file) {
  auto [values, dimensions] = file.floats(at::activations, 2);
  for (const hsize_t dimension : dimensions) {
    if (dimension > std::numeric_limits<std::uint32_t>::max()) {
      file.fail(at::activations, "has too many vectors or inputs", "less than 2^32");
    }
  }
  return {static_cast<std::uint32_t>(dimensions[0]), static_cast<std::uint32_t>(dimensions[1]),
          std::move(values)};
}

}  // namespace

Trace read_trace(const std::string& path) {
  const InputFile file(path);
  require_text(file, at::root, at::schema, at::schema_name);
  Trace trace;
  trace.name = file.text_attribute(at::root, at::name).value_or("");
  trace.has_bias = read_flag(file, at::has_bias);
  trace.relu = read_flag(file, at::relu);
  trace.matrix = read_matrix(file);
  trace.codebook = file.floats(at::codebook, 1).first;
  trace.integer_bits = read_formats(file);
  trace.activations = read_activations(file);
  if (file.has(at::labels)) {
    trace.labels = file.integers<std::int32_t>(at::labels);
  }
  if (file.has(at::provenance)) {
    trace.provenance = file.text_attributes(at::provenance);
  }
  check_trace(trace, path);
  return trace;
}

}  // namespace lacuna
