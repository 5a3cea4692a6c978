#include "sim/data/import/banked_layer.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/data/import/input_bytes.h"

namespace lacuna {
namespace {

constexpr std::uint64_t max_file_bytes = std::uint64_t{1} << 30;
constexpr std::uint32_t max_pes = 1024;
constexpr std::size_t bank_codebook_values = 16;
constexpr std::uint64_t most_rows = (std::uint64_t{1} << 31) - 2;

std::vector<unsigned char> read_words(const std::string& path) {
  std::vector<unsigned char> bytes = read_bytes(path, max_file_bytes);
  if (bytes.size() % 4 != 0) {
    fail_file(path, fmt::format("{} bytes", bytes.size()), "whole 32-bit words");
  }
  return bytes;
}

std::vector<std::uint32_t> read_integers(const std::string& path) {
  const std::vector<unsigned char> bytes = read_words(path);
  std::vector<std::uint32_t> values;
  values.reserve(bytes.size() / 4);
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    values.push_back(static_cast<std::uint32_t>(little_endian(&bytes[i], 4)));
  }
  return values;
}

std::vector<float> read_reals(const std::string& path) {
  const std::vector<unsigned char> bytes = read_words(path);
  std::vector<float> values;
  values.reserve(bytes.size() / 4);
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    values.push_back(little_endian_float(&bytes[i]));
    if (!std::isfinite(values.back())) {
      fail_file(path, fmt::format("element {} is not finite", i / 4), "finite numbers");
    }
  }
  return values;
}

/// A nonzero of the matrix.
struct BankEntry {
  std::uint32_t column = 0;
  std::uint32_t row = 0;
  std::uint8_t code = 0;
};

std::string bank_path(const std::string& folder, const char* kind, std::uint32_t pe) {
  return fmt::format("{}/{}/{}{}.dat", folder, kind, kind, pe);
}

std::uint32_t count_pes(const std::string& folder) {
  std::error_code error;
  std::uint32_t pes = 0;
  while (pes <= max_pes && std::filesystem::exists(bank_path(folder, "ptr", pes), error)) {
    ++pes;
  }
  if (pes == 0 || pes > max_pes) {
    fail_file(bank_path(folder, "ptr", 0), pes == 0 ? "is missing" : "belongs to too many PEs",
              fmt::format("the pointers of 1 to {} PEs, ptr0.dat first", max_pes));
  }
  return pes;
}

/// The entries that one PE holds.
class Bank {
 public:
  Bank(const std::string& folder, std::uint32_t pe, std::uint32_t pes, std::uint32_t inputs)
      : pe_(pe),
        pes_(pes),
        inputs_(inputs),
        pointers_path_(bank_path(folder, "ptr", pe)),
        entries_path_(bank_path(folder, "spm", pe)),
        pointers_(read_integers(pointers_path_)),
        words_(read_integers(entries_path_)) {
    const std::uint64_t filled_up = (std::uint64_t{inputs} + pes - 1) / pes * pes;
    if (pointers_.size() != filled_up + 2) {
      fail_file(pointers_path_, fmt::format("{} pointers", pointers_.size()),
                fmt::format("{}: {} inputs filled up to {} columns for {} PEs, and the bias", filled_up + 2,
                            inputs, filled_up, pes));
    }
    if (pointers_.front() != 0 || !std::is_sorted(pointers_.begin(), pointers_.end()) ||
        std::uint64_t{pointers_.back()} * 2 != words_.size()) {
      fail_file(pointers_path_, "does not ascend from 0 to the number of entries",
                fmt::format("the {} pairs of {}", words_.size() / 2, entries_path_));
    }
  }

  void add_to(std::vector<BankEntry>& entries) const {
    for (std::uint32_t column = 0; column + 1 < pointers_.size(); ++column) {
      const bool is_bias = column + 2 == pointers_.size();
      if (!is_bias && column >= inputs_ && pointers_[column] != pointers_[column + 1]) {
        fail_file(pointers_path_, fmt::format("column {} has entries", column),
                  fmt::format("none in the columns behind the {} inputs", inputs_));
      }
      add_column(column, is_bias ? inputs_ : column, entries);
    }
  }

 private:
  void add_column(std::uint32_t column, std::uint32_t target, std::vector<BankEntry>& entries) const {
    std::uint64_t position = 0;  // among the rows of this PE
    for (std::uint32_t i = pointers_[column]; i < pointers_[column + 1]; ++i) {
      const std::uint32_t code = words_[std::size_t{i} * 2];
      position += words_[std::size_t{i} * 2 + 1];
      const std::uint64_t row = position * pes_ + pe_;
      if (code >= bank_codebook_values || row >= most_rows) {
        fail_file(entries_path_, fmt::format("entry {} has the code {} and lies in row {}", i, code, row),
                  fmt::format("codes below {}, rows below {}", bank_codebook_values, most_rows));
      }
      if (code != 0) {
        entries.push_back({target, static_cast<std::uint32_t>(row), static_cast<std::uint8_t>(code)});
      }
      ++position;
    }
  }

  std::uint32_t pe_;
  std::uint32_t pes_;
  std::uint32_t inputs_;
  std::string pointers_path_;
  std::string entries_path_;
  std::vector<std::uint32_t> pointers_;
  std::vector<std::uint32_t> words_;
};

sparse::CodedMatrix matrix_of(std::vector<BankEntry> entries, std::uint32_t columns, std::uint32_t rows) {
  std::sort(entries.begin(), entries.end(), [](const BankEntry& a, const BankEntry& b) {
    return std::tie(a.column, a.row) < std::tie(b.column, b.row);
  });
  sparse::CodedMatrix matrix;
  matrix.rows = rows;
  matrix.columns = columns;
  matrix.column_starts.assign(std::size_t{columns} + 1, 0);
  for (const BankEntry& entry : entries) {
    ++matrix.column_starts[std::size_t{entry.column} + 1];
    matrix.row_indices.push_back(entry.row);
    matrix.codes.push_back(entry.code);
  }
  for (std::size_t column = 0; column < columns; ++column) {
    matrix.column_starts[column + 1] += matrix.column_starts[column];
  }
  return matrix;
}

}  // namespace

Trace import_banked_layer(const std::string& folder, std::optional<std::uint32_t> rows) {
  const std::string activations_path = folder + "/act.dat";
  const std::string codebook_path = folder + "/arithm.dat";
  Trace trace;
  trace.activations.values = read_reals(activations_path);
  if (trace.activations.values.empty() || trace.activations.values.size() > most_rows) {
    fail_file(activations_path, fmt::format("{} activations", trace.activations.values.size()),
              "at least one");
  }
  const auto inputs = static_cast<std::uint32_t>(trace.activations.values.size());
  trace.activations.vectors = 1;
  trace.activations.inputs = inputs;
  trace.codebook = read_reals(codebook_path);
  if (trace.codebook.size() != bank_codebook_values) {
    fail_file(codebook_path, fmt::format("{} shared weights", trace.codebook.size()), "16");
  }
  const std::uint32_t pes = count_pes(folder);
  std::vector<BankEntry> entries;
  for (std::uint32_t pe = 0; pe < pes; ++pe) {
    Bank(folder, pe, pes, inputs).add_to(entries);
  }
  std::uint32_t last = 0;
  for (const BankEntry& entry : entries) {
    last = std::max(last, entry.row);
  }
  trace.has_bias = true;
  trace.matrix = matrix_of(std::move(entries), inputs + 1, rows.value_or(last + 1));
  record_source(trace, "activations", activations_path);
  record_source(trace, "codebook", codebook_path);
  trace.provenance["pe_count"] = fmt::format("{} (the files are dealt out to so many)", pes);
  check_trace(trace, folder);
  return trace;
}

}  // namespace lacuna
