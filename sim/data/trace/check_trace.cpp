#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "models/common/error.h"
#include "models/common/vector_clones.h"
#include "sim/data/trace/trace.h"

namespace lacuna {
namespace {

/// Whether the column's rows ascend, and its codes are 1 .. `last_code`. Without a branch for each element:
/// files are right, mostly.
LACUNA_VECTOR_CLONES bool is_column(const std::uint32_t* rows, const std::uint8_t* codes, std::size_t size,
                                    std::uint8_t last_code) {
  std::uint32_t falling = 0;
  for (std::size_t i = 1; i < size; ++i) {
    falling |= rows[i] <= rows[i - 1] ? 1U : 0U;
  }
  std::uint8_t wrong = 0;
  for (std::size_t i = 0; i < size; ++i) {
    wrong |= static_cast<std::uint8_t>(codes[i] - 1) >= last_code ? 1U : 0U;
  }
  return falling == 0 && wrong == 0;
}

class Checker {
 public:
  Checker(const Trace& trace, const std::string& file) : trace_(trace), matrix_(trace.matrix), file_(file) {}

  void check() const {
    check_shape();
    check_codebook();
    check_sizes();
    check_pointers();
    for (std::uint32_t column = 0; column < matrix_.columns; ++column) {
      check_column(column);
    }
    check_activations();
  }

 private:
  void require(bool right, const char* key, const std::string& wrong, const std::string& allowed) const {
    if (!right) {
      throw InputDataError({file_, 0, key}, wrong, allowed);
    }
  }

  void check_shape() const {
    constexpr auto most = static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max());
    require(matrix_.rows >= 1 && matrix_.rows <= most, "matrix/shape", std::to_string(matrix_.rows) + " rows",
            "1 to " + std::to_string(most));
    require(matrix_.columns >= (trace_.has_bias ? 2U : 1U) && matrix_.columns <= most, "matrix/shape",
            std::to_string(matrix_.columns) + " columns",
            trace_.has_bias ? "at least one input and the bias column" : "at least one input");
  }

  void check_codebook() const {
    const std::vector<float>& codebook = trace_.codebook;
    require(codebook.size() >= 2 && codebook.size() <= 256, "codebook",
            std::to_string(codebook.size()) + " elements", "2 to 256");
    require(codebook[0] == 0.0F, "codebook", "element 0 is not 0", "0, the value of code 0");
    check_finite(codebook, "codebook");
  }

  void check_sizes() const {
    require(matrix_.column_starts.size() == std::size_t{matrix_.columns} + 1, "matrix/indptr",
            std::to_string(matrix_.column_starts.size()) + " elements",
            "one more than the " + std::to_string(matrix_.columns) + " columns");
    require(matrix_.codes.size() == matrix_.row_indices.size(), "matrix/data",
            std::to_string(matrix_.codes.size()) + " elements", "as many as matrix/indices");
    require(matrix_.column_starts.front() == 0, "matrix/indptr", "does not start at 0", "0");
    require(matrix_.column_starts.back() == matrix_.codes.size(), "matrix/indptr",
            "ends at " + std::to_string(matrix_.column_starts.back()),
            "the " + std::to_string(matrix_.codes.size()) + " elements of matrix/data");
  }

  void check_pointers() const {
    for (std::size_t column = 0; column < matrix_.columns; ++column) {
      require(matrix_.column_starts[column] <= matrix_.column_starts[column + 1], "matrix/indptr",
              "goes backwards at column " + std::to_string(column), "ascending column starts");
    }
  }

  void check_column(std::uint32_t column) const {
    const std::uint64_t start = matrix_.column_starts[column];
    const std::uint64_t end = matrix_.column_starts[std::size_t{column} + 1];
    if (is_right(start, end)) {
      return;
    }
    for (std::uint64_t i = start; i < end; ++i) {
      if (matrix_.row_indices[i] >= matrix_.rows) {
        fail_element("matrix/indices", i, "row " + std::to_string(matrix_.row_indices[i]),
                     "0 to " + std::to_string(matrix_.rows - 1));
      }
      if (i > start && matrix_.row_indices[i] <= matrix_.row_indices[i - 1]) {
        fail_element("matrix/indices", i, "does not ascend", "rows in ascending order within a column");
      }
      if (matrix_.codes[i] == 0 || matrix_.codes[i] >= trace_.codebook.size()) {
        fail_element("matrix/data", i, "code " + std::to_string(matrix_.codes[i]),
                     "1 to " + std::to_string(trace_.codebook.size() - 1));
      }
    }
  }

  bool is_right(std::uint64_t start, std::uint64_t end) const {
    const std::uint32_t* const rows = matrix_.row_indices.data();
    const bool fits = end == start || rows[end - 1] < matrix_.rows;  // the largest, if they ascend
    return fits &&
           is_column(rows + start, matrix_.codes.data() + start, static_cast<std::size_t>(end - start),
                     static_cast<std::uint8_t>(trace_.codebook.size() - 1));
  }

  [[noreturn]] void fail_element(const char* key, std::uint64_t i, const std::string& wrong,
                                 const std::string& allowed) const {
    throw InputDataError({file_, 0, key}, "element " + std::to_string(i) + ": " + wrong, allowed);
  }

  void check_activations() const {
    const ActivationSet& set = trace_.activations;
    require(set.vectors >= 1, "activations", "no vector", "at least one");
    require(set.inputs == trace_.inputs(), "activations", std::to_string(set.inputs) + " inputs",
            "the layer's " + std::to_string(trace_.inputs()));
    require(set.values.size() == std::uint64_t{set.vectors} * set.inputs, "activations",
            std::to_string(set.values.size()) + " values", "vectors times inputs");
    check_finite(set.values, "activations");
    require(trace_.labels.empty() || trace_.labels.size() == set.vectors, "labels",
            std::to_string(trace_.labels.size()) + " labels",
            "one for each of the " + std::to_string(set.vectors) + " vectors");
  }

  void check_finite(const std::vector<float>& values, const char* key) const {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!std::isfinite(values[i])) {
        fail_element(key, i, "not a finite number", "finite numbers");
      }
    }
  }

  const Trace& trace_;
  const sparse::CodedMatrix& matrix_;
  const std::string& file_;
};

}  // namespace

void check_trace(const Trace& trace, const std::string& file) {
  Checker(trace, file).check();
}

}  // namespace lacuna
