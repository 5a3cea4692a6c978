#include "models/eie/timeline/row_marks.h"

#include <algorithm>
#include <cstring>

namespace lacuna::eie {
namespace {

/// Lanes of a column in a register, at most.
std::size_t piece_of(std::uint32_t pe_count) {
  return pe_count <= register_lanes / 4   ? register_lanes / 4
         : pe_count <= register_lanes / 2 ? register_lanes / 2
                                          : register_lanes;
}

}  // namespace

bool RowMarks::serve(const MarkedRows& rows) {
  constexpr std::uint32_t most_rows = 1U << 20;
  return has_mark_kernels && rows.rows != 0 && rows.rows <= most_rows && rows.index_bits < 8 &&
         (rows.rows - 1) / rows.pe_count < 0xffffU;
}

RowMarks::RowMarks(const MarkedRows& rows) : rows_(rows) {
  sizes_.piece = piece_of(rows.pe_count);
  sizes_.addresses = (rows.rows - 1) / rows.pe_count + 1;
  sizes_.index_bits = rows.index_bits;
  sizes_.block = 256U - (1U << rows.index_bits);
  sizes_.near = std::min(sizes_.addresses, 1U << rows.index_bits);
  const std::size_t last_pes = (rows.pe_count - 1) % register_lanes + 1;
  for (std::size_t lane = 0; lane < register_lanes; ++lane) {
    sizes_.all_used[lane] = 0xff;
    sizes_.last_used[lane] = lane % sizes_.piece < last_pes ? 0xff : 0;
  }
  slot_bytes_ = (std::size_t{sizes_.addresses} * rows.pe_count / register_lanes + 3) * register_lanes;
  marks_.assign(group_columns() * slot_bytes_, 0);
}

std::uint8_t* RowMarks::slot_marks(std::size_t slot) {
  return marks_.data() + slot * slot_bytes_ + register_lanes;
}

void RowMarks::mark(std::size_t slot, ColumnRows column, std::uint32_t base) {
  std::uint8_t* const marks = slot_marks(slot);
#pragma GCC unroll 4
  for (std::size_t e = 0; e < column.size; ++e) {
    marks[column.rows[e] - base] = row_mark;
  }
}

void RowMarks::clear() {
  for (std::size_t slot = 0; slot < group_columns(); ++slot) {
    std::memset(slot_marks(slot), 0, rows_.rows);
  }
}

void RowMarks::count(const MarkedCells& cells) {
  constexpr std::uint32_t most_recent = 255;
  const auto registers = static_cast<std::uint32_t>((rows_.pe_count + register_lanes - 1) / register_lanes);
  if (recent_registers_ + registers > most_recent) {
    add_recent();
  }
  recent_registers_ += registers;
  const MarkWalk walk{slot_marks(0), rows_.pe_count, slot_bytes_, rows_.pe_count};
  count_marks(walk, sizes_, cells, recent_);
  if (sizes_.piece < register_lanes) {
    clear();
  }
}

void RowMarks::count(std::uint32_t first_pe, MarkedCounts& counts) {
  const std::size_t pes = std::min<std::size_t>(rows_.pe_count - first_pe, register_lanes);
  const MarkWalk walk{slot_marks(0) + first_pe, rows_.pe_count, slot_bytes_, pes};
  const std::uint8_t* const used = pes == register_lanes ? sizes_.all_used : sizes_.last_used;
  count_marks(walk, sizes_, used, counts, sums_);
  if (sizes_.piece < register_lanes) {
    clear();
  }
}

void RowMarks::add_recent() {
  for (const std::uint8_t largest : recent_.largest) {
    sums_.largest = std::max<std::uint32_t>(sums_.largest, largest);
  }
  for (std::size_t i = 0; i < register_lanes / 2; ++i) {
    sums_.padding += std::uint64_t{recent_.even_padding[i]} + recent_.odd_padding[i];
  }
  recent_ = MarkedLaneSums{};
  recent_registers_ = 0;
}

}  // namespace lacuna::eie
