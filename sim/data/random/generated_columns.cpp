#include "sim/data/random/generated_columns.h"

#include <utility>

namespace lacuna {
namespace {

/// Columns between two pulses.
constexpr std::uint32_t pulse_columns = 256;

void pulse_at(std::uint32_t column, const std::function<void()>& pulse) {
  if (pulse && column % pulse_columns == pulse_columns - 1) {
    pulse();
  }
}

}  // namespace

GeneratedColumns::GeneratedColumns(const GeneratedLayer& layer, std::function<void()> pulse)
    : layer_(layer), generator_(layer), pulse_(std::move(pulse)) {}

sparse::ColumnRows GeneratedColumns::next() {
  pulse_at(column_, pulse_);
  rows_.clear();
  generator_.append_rows(column_++, rows_);
  return {rows_.data(), rows_.size()};
}

GeneratedEntries::GeneratedEntries(const GeneratedLayer& layer, std::function<void()> pulse)
    : generator_(layer), pulse_(std::move(pulse)) {}

CodedColumn GeneratedEntries::read(std::uint32_t column) {
  pulse_at(column, pulse_);
  rows_.clear();
  codes_.clear();
  generator_.append_rows(column, rows_);
  generator_.append_codes(column, rows_.size(), codes_);
  return {rows_.data(), codes_.data(), rows_.size()};
}

}  // namespace lacuna
