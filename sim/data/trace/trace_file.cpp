#include "sim/data/trace/trace_file.h"

#include <algorithm>
#include <limits>

#include "models/common/child_process.h"
#include "models/common/error.h"
#include "models/common/text.h"
#include "sim/data/trace/hdf5_in_child.h"
#include "sim/data/trace/hdf5_input.h"
#include "sim/data/trace/hdf5_output.h"
#include "sim/data/trace/trace_layout.h"
#include "sim/files/output_file.h"

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
  if (*bits < least_integer_bits || *bits > most_integer_bits) {
    file.fail(std::string(at::formats) + "@" + name, "is " + std::to_string(*bits),
              std::to_string(least_integer_bits) + " to " + std::to_string(most_integer_bits));
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

namespace {

Trace trace_in(const InputFile& file) {
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
  return trace;
}

std::string bytes_of(const Trace& trace) {
  ByteWriter writer;
  writer.put_all(trace.name);
  writer.put(std::uint8_t{trace.has_bias});
  writer.put(std::uint8_t{trace.relu});
  writer.put(trace.matrix.rows);
  writer.put(trace.matrix.columns);
  writer.put_all(trace.matrix.column_starts);
  writer.put_all(trace.matrix.row_indices);
  writer.put_all(trace.matrix.codes);
  writer.put_all(trace.codebook);
  for (const std::optional<int>& bits : {trace.integer_bits.weight, trace.integer_bits.activation,
                                         trace.integer_bits.accumulator, trace.integer_bits.output}) {
    writer.put(bits.value_or(-1));
  }
  writer.put(trace.activations.vectors);
  writer.put(trace.activations.inputs);
  writer.put_all(trace.activations.values);
  writer.put_all(trace.labels);
  writer.put(std::uint64_t{trace.provenance.size()});
  for (const auto& [key, value] : trace.provenance) {
    writer.put_all(key);
    writer.put_all(value);
  }
  return writer.take();
}

Trace trace_of_bytes(const std::string& bytes, const std::string& path) {
  hdf5::CheckedReader reader(bytes, path);
  Trace trace;
  reader.get_all(trace.name);
  trace.has_bias = reader.get<std::uint8_t>() != 0;
  trace.relu = reader.get<std::uint8_t>() != 0;
  trace.matrix.rows = reader.get<std::uint32_t>();
  trace.matrix.columns = reader.get<std::uint32_t>();
  reader.get_all(trace.matrix.column_starts);
  reader.get_all(trace.matrix.row_indices);
  reader.get_all(trace.matrix.codes);
  reader.get_all(trace.codebook);
  for (std::optional<int>* bits : {&trace.integer_bits.weight, &trace.integer_bits.activation,
                                   &trace.integer_bits.accumulator, &trace.integer_bits.output}) {
    const int value = reader.get<int>();
    *bits = value < 0 ? std::nullopt : std::optional<int>(value);
  }
  trace.activations.vectors = reader.get<std::uint32_t>();
  trace.activations.inputs = reader.get<std::uint32_t>();
  reader.get_all(trace.activations.values);
  reader.get_all(trace.labels);
  const auto entries = reader.get<std::uint64_t>();
  for (std::uint64_t i = 0; i < entries; ++i) {
    std::string key;
    reader.get_all(key);
    reader.get_all(trace.provenance[key]);
  }
  reader.finish();
  return trace;
}

}  // namespace

Trace read_trace(const std::string& path) {
  Trace trace;
  try {
    trace = trace_in(InputFile(path));
  } catch (const hdf5::NeedsUnchecked&) {
    trace = trace_of_bytes(
        hdf5::read_in_child(path, [](const InputFile& file) { return bytes_of(trace_in(file)); }), path);
  }
  check_trace(trace, path);
  return trace;
}

namespace {

namespace at = trace_layout;
using hdf5::InputFile;
using hdf5::OutputFile;

/// What the writer accepts, the reader must accept.
void check_text(const std::string& path, const std::string& text) {
  const bool control =
      std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 127; });
  if (control || text.size() > InputFile::max_text_bytes || !is_utf8(text)) {
    throw InputDataError(
        {path, 0, ""}, "name or provenance cannot be stored",
        "at most " + std::to_string(InputFile::max_text_bytes) + " bytes of UTF-8, no control characters");
  }
}

/// Files that are not packed are read as fast as they are small.
void write_rows(OutputFile& file, const sparse::CodedMatrix& matrix, TraceCompression compression) {
  const std::vector<std::uint32_t>& rows = matrix.row_indices;
  if (compression == TraceCompression::fast && matrix.rows <= std::numeric_limits<std::uint16_t>::max()) {
    file.dataset(at::indices, std::vector<std::uint16_t>(rows.begin(), rows.end()));
  } else {
    file.dataset(at::indices, std::vector<std::int32_t>(rows.begin(), rows.end()));
  }
}

void write_matrix(OutputFile& file, const sparse::CodedMatrix& matrix, TraceCompression compression) {
  file.group(at::matrix);
  file.attribute(at::matrix, at::format, std::string(at::csc));
  file.dataset(at::shape, std::vector<std::int64_t>{matrix.rows, matrix.columns});
  file.dataset(at::indptr,
               std::vector<std::int64_t>(matrix.column_starts.begin(), matrix.column_starts.end()));
  write_rows(file, matrix, compression);
  file.dataset(at::data, matrix.codes);
}

void write_formats(OutputFile& file, const IntegerBits& bits) {
  file.group(at::formats);
  const auto write = [&file](const char* name, const std::optional<int>& value) {
    if (value) {
      file.attribute(at::formats, name, *value);
    }
  };
  write(at::weight_bits, bits.weight);
  write(at::activation_bits, bits.activation);
  write(at::accumulator_bits, bits.accumulator);
  write(at::output_bits, bits.output);
}

void write_provenance(OutputFile& file, const std::string& path, const Trace& trace) {
  if (trace.provenance.size() > InputFile::max_attributes) {
    throw InputDataError({path, 0, at::provenance}, "has too many entries",
                         "at most " + std::to_string(InputFile::max_attributes));
  }
  file.group(at::provenance);
  for (const auto& [key, value] : trace.provenance) {
    if (key.empty() || key.size() > 64) {
      throw InputDataError({path, 0, at::provenance}, "has a key of " + std::to_string(key.size()) + " bytes",
                           "1 to 64");
    }
    check_text(path, key);
    check_text(path, value);
    file.attribute(at::provenance, key, value);
  }
}

}  // namespace

void write_trace(const Trace& trace, const std::string& path, TraceCompression compression) {
  check_trace(trace, path);
  check_text(path, trace.name);
  PendingFile pending(path);
  OutputFile file(pending.temporary_path(), path, compression);
  file.attribute(at::root, at::schema, std::string(at::schema_name));
  file.attribute(at::root, at::name, trace.name);
  file.attribute(at::root, at::has_bias, trace.has_bias ? 1 : 0);
  file.attribute(at::root, at::relu, trace.relu ? 1 : 0);
  write_matrix(file, trace.matrix, compression);
  file.dataset(at::codebook, trace.codebook);
  write_formats(file, trace.integer_bits);
  file.dataset(at::activations, trace.activations.values, trace.activations.vectors,
               trace.activations.inputs);
  if (!trace.labels.empty()) {
    file.dataset(at::labels, trace.labels);
  }
  write_provenance(file, path, trace);
  file.close();
  pending.commit();
}

}  // namespace lacuna
