#include "tests/models/eie/timeline/shrink.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lacuna::test {
namespace {

/// Rebuilds the matrix with those nonzeros for which keep(row, column) holds.
template <class Keep>
eie::CodedMatrix filtered(const eie::CodedMatrix& matrix, Keep&& keep) {
  eie::CodedMatrix result;
  result.rows = matrix.rows;
  result.columns = matrix.columns;
  for (std::uint32_t column = 0; column < matrix.columns; ++column) {
    for (std::uint64_t e = matrix.column_starts[column]; e < matrix.column_starts[column + 1]; ++e) {
      if (keep(e, matrix.row_indices[e])) {
        result.row_indices.push_back(matrix.row_indices[e]);
        result.codes.push_back(matrix.codes[e]);
      }
    }
    result.column_starts.push_back(result.row_indices.size());
  }
  return result;
}

Case without_columns(const Case& c, std::uint32_t begin, std::uint32_t end) {
  Case smaller = c;
  eie::CodedMatrix matrix;
  matrix.rows = c.layer.matrix.rows;
  for (std::uint32_t column = 0; column < c.layer.matrix.columns; ++column) {
    if (column >= begin && column < end) {
      continue;
    }
    for (std::uint64_t e = c.layer.matrix.column_starts[column]; e < c.layer.matrix.column_starts[column + 1];
         ++e) {
      matrix.row_indices.push_back(c.layer.matrix.row_indices[e]);
      matrix.codes.push_back(c.layer.matrix.codes[e]);
    }
    matrix.column_starts.push_back(matrix.row_indices.size());
    ++matrix.columns;
  }
  smaller.layer.matrix = matrix;
  smaller.activations.erase(smaller.activations.begin() + begin, smaller.activations.begin() + end);
  return smaller;
}

class Shrinker {
 public:
  Shrinker(Case failing, const std::function<bool(const Case&)>& fails)
      : best_(std::move(failing)), fails_(fails) {}

  Case run() {
    do {
      improved_ = false;
      drop_columns();
      drop_rows();
      drop_nonzeros();
      silence_activations();
      simplify_parameters();
    } while (improved_);
    return best_;
  }

 private:
  bool accept(Case candidate) {
    if (!fails_(candidate)) {
      return false;
    }
    best_ = std::move(candidate);
    improved_ = true;
    return true;
  }

  void drop_columns() {
    for (std::uint32_t size = best_.layer.inputs(); size >= 1; size /= 2) {
      for (std::uint32_t begin = 0; begin + size <= best_.layer.inputs() && best_.layer.inputs() > size;) {
        begin += accept(without_columns(best_, begin, begin + size)) ? 0 : size;
      }
    }
  }

  void drop_rows() {
    for (std::uint32_t rows = 1; rows < best_.layer.matrix.rows; rows = rows * 3 / 2 + 1) {
      Case candidate = best_;
      candidate.layer.matrix =
          filtered(best_.layer.matrix, [&](std::uint64_t, std::uint32_t row) { return row < rows; });
      candidate.layer.matrix.rows = rows;
      if (accept(candidate)) {
        return;
      }
    }
  }

  void drop_nonzeros() {
    for (std::uint64_t size = best_.layer.matrix.nonzeros(); size >= 1; size /= 2) {
      for (std::uint64_t begin = 0; begin < best_.layer.matrix.nonzeros();) {
        Case candidate = best_;
        candidate.layer.matrix = filtered(best_.layer.matrix, [&](std::uint64_t e, std::uint32_t) {
          return e < begin || e >= begin + size;
        });
        begin += accept(candidate) ? 0 : size;
      }
    }
  }

  void silence_activations() {
    for (std::size_t j = 0; j < best_.activations.size(); ++j) {
      if (best_.activations[j] != 0) {
        Case candidate = best_;
        candidate.activations[j] = 0;
        accept(candidate);
      }
    }
  }

  template <class T>
  void try_value(T eie::Parameters::*member, T value) {
    if (best_.parameters.*member != value) {
      Case candidate = best_;
      candidate.parameters.*member = value;
      accept(candidate);
    }
  }

  void simplify_parameters() {
    try_value(&eie::Parameters::register_file_entries, 0U);
    try_value(&eie::Parameters::lnzd_latency_cycles, 0U);
    try_value(&eie::Parameters::pointer_prefetch, true);
    try_value(&eie::Parameters::arithmetic_bypass, true);
    try_value(&eie::Parameters::relative_index_bits, 4U);
    try_value(&eie::Parameters::spmat_width_bits, 64U);
    for (const std::uint32_t small : {4U, 2U, 1U}) {
      if (small < best_.parameters.pe_count) {
        try_value(&eie::Parameters::pe_count, small);
      }
      if (small < best_.parameters.queue_depth_entries) {
        try_value(&eie::Parameters::queue_depth_entries, small);
      }
    }
  }

  Case best_;
  const std::function<bool(const Case&)>& fails_;
  bool improved_ = false;
};

/// Writes parameters from the lines that declare them.
struct ParameterLines {
  std::string text;

  template <class T>
  void integer(const char* key, T value, std::uint64_t, std::uint64_t, const char*) {
    text += fmt::format("  {}: {}\n", key, value);
  }
  void real(const char* key, double value, double, double, const char*) {
    text += fmt::format("  {}: {}\n", key, value);
  }
  void boolean(const char* key, bool value, const char*) { text += fmt::format("  {}: {}\n", key, value); }
  template <class Enum>
  void choice(const char* key, Enum value, std::initializer_list<const char*> names, const char*) {
    text += fmt::format("  {}: {}\n", key, names.begin()[static_cast<std::size_t>(value)]);
  }
};

}  // namespace

Case shrink(Case failing, const std::function<bool(const Case&)>& fails) {
  return Shrinker(std::move(failing), fails).run();
}

std::string as_yaml(const Case& c) {
  ParameterLines lines;
  eie::Parameters::describe(c.parameters, lines);
  const eie::Layer& layer = c.layer;
  std::string text = "architecture:\n  kind: eie\n" + lines.text + "layer:\n";
  text += fmt::format("  name: {}\n  outputs: {}\n  inputs: {}\n  has_bias: {}\n  relu: {}\n", layer.name,
                      layer.outputs(), layer.inputs(), layer.has_bias, layer.relu);
  const auto& f = layer.formats;
  text += fmt::format("  integer_bits: {{weight: {}, activation: {}, accumulator: {}, output: {}}}\n",
                      f.weight.integer_bits, f.activation.integer_bits, f.accumulator.integer_bits,
                      f.output.integer_bits);
  text += fmt::format("  codebook: [{}]\n", fmt::join(layer.codebook, ", "));
  text += "  columns:  # {row: code}\n";
  for (std::uint32_t column = 0; column < layer.matrix.columns; ++column) {
    std::string entries;
    for (std::uint64_t e = layer.matrix.column_starts[column]; e < layer.matrix.column_starts[column + 1];
         ++e) {
      entries += fmt::format("{}{}: {}", entries.empty() ? "" : ", ", layer.matrix.row_indices[e],
                             layer.matrix.codes[e]);
    }
    text += fmt::format("    - {{{}}}\n", entries);
  }
  return text + fmt::format("activations: [{}]\n", fmt::join(c.activations, ", "));
}

}  // namespace lacuna::test
