#include <algorithm>

#include "models/common/error.h"
#include "sim/data/trace/hdf5_input.h"
#include "sim/data/trace/hdf5_output.h"
#include "sim/data/trace/trace_file.h"
#include "sim/data/trace/trace_layout.h"
#include "sim/files/pending_file.h"

namespace lacuna {
namespace {

namespace at = trace_layout;
using hdf5::InputFile;
using hdf5::OutputFile;

/// What the writer accepts, the reader must accept.
void check_text(const std::string& path, const std::string& text) {
  const bool control =
      std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 127; });
  if (control || text.size() > InputFile::max_text_bytes) {
    throw InputDataError(
        {path, 0, ""}, "name or provenance cannot be stored",
        "at most " + std::to_string(InputFile::max_text_bytes) + " bytes, no control characters");
  }
}

void write_matrix(OutputFile& file, const sparse::CodedMatrix& matrix) {
  file.group(at::matrix);
  file.attribute(at::matrix, at::format, std::string(at::csc));
  file.dataset(at::shape, std::vector<std::int64_t>{matrix.rows, matrix.columns});
  file.dataset(at::indptr,
               std::vector<std::int64_t>(matrix.column_starts.begin(), matrix.column_starts.end()));
  file.dataset(at::indices, std::vector<std::int32_t>(matrix.row_indices.begin(), matrix.row_indices.end()));
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

void write_trace(const Trace& trace, const std::string& path) {
  check_trace(trace, path);
  check_text(path, trace.name);
  PendingFile pending(path);
  OutputFile file(pending.temporary_path(), path);
  file.attribute(at::root, at::schema, std::string(at::schema_name));
  file.attribute(at::root, at::name, trace.name);
  file.attribute(at::root, at::has_bias, trace.has_bias ? 1 : 0);
  file.attribute(at::root, at::relu, trace.relu ? 1 : 0);
  write_matrix(file, trace.matrix);
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
