#include "models/eie/timeline/timing.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "models/eie/timeline/column_counts_builder.h"
#include "models/eie/timeline/phase_timeline.h"
#include "models/eie/timeline/row_reads.h"
#include "models/eie/timeline/run_assembly.h"
#include "models/eie/timeline/single_pass.h"

namespace lacuna::eie {

RunResult simulate_timing(const Parameters& parameters, const ColumnCounts& counts, const Schedule& schedule,
                          const std::vector<std::uint64_t>& row_reads) {
  const Broadcasts& broadcasts = schedule.broadcasts();
  RunAssembly assembly(parameters, schedule.shape(), broadcasts);
  PhaseTimeline timeline(parameters, counts.lanes());
  for (std::size_t row_batch = 0; row_batch < counts.row_batches(); ++row_batch) {
    for (std::size_t i = 0; i < broadcasts.batches.size(); ++i) {
      const ScannedBatch& batch = broadcasts.batches[i];
      timeline.begin();
      timeline.advance(counts, schedule.columns(row_batch, i), broadcasts.gaps.data() + batch.first_broadcast,
                       schedule.slice(row_batch, i));
      assembly.add_compute_cycles(timeline.finish(batch.end_gap, assembly.phase_end(row_batch, i)));
    }
  }
  assembly.add(timeline);
  assembly.add_row_reads(row_reads);
  return assembly.finish(schedule.sums());
}

namespace {

SinglePass::Phase phase_of(const Broadcasts& broadcasts, const ScannedBatch& batch, std::int64_t to_cells) {
  const std::uint32_t* const columns = broadcasts.columns.data() + batch.first_broadcast;
  const std::size_t size = batch.end_broadcast - batch.first_broadcast;
  return {broadcasts.gaps.data() + batch.first_broadcast,
          {batch.first_column, batch.end_column, columns, size},
          to_cells};
}

/// The run in a single pass, where that works.
std::optional<RunResult> pass_once(const Parameters& parameters, const ColumnCounts& counts,
                                   const LayerShape& shape, const std::vector<std::int32_t>& activations) {
  if (!SinglePass::serves(parameters, counts)) {
    return std::nullopt;
  }
  check_match(parameters, shape, counts);
  const Broadcasts broadcasts = scan(parameters, shape, activations);
  RunAssembly assembly(parameters, shape, broadcasts);
  PhaseTimeline timeline(parameters, counts.lanes());
  SinglePass pass(parameters, counts);
  for (std::uint32_t row_batch = 0; row_batch < counts.row_batches(); ++row_batch) {
    for (std::size_t i = 0; i < broadcasts.batches.size(); ++i) {
      const ScannedBatch& batch = broadcasts.batches[i];
      timeline.begin();
      if (!timeline.advance(pass, phase_of(broadcasts, batch, std::int64_t{row_batch} * counts.columns()))) {
        return std::nullopt;
      }
      assembly.add_compute_cycles(timeline.finish(batch.end_gap, assembly.phase_end(row_batch, i)));
    }
  }
  assembly.add(timeline);
  assembly.add_row_reads(pass.row_reads());
  return assembly.finish(pass.sums());
}

}  // namespace

RunResult simulate_timing(const Parameters& parameters, const ColumnCounts& counts, const LayerShape& shape,
                          const std::vector<std::int32_t>& activations) {
  if (std::optional<RunResult> result = pass_once(parameters, counts, shape, activations)) {
    return *std::move(result);
  }
  const Schedule schedule(parameters, shape, counts, activations);
  return simulate_timing(parameters, counts, schedule,
                         count_spmat_row_reads(counts, schedule, parameters.entries_per_spmat_row()));
}

namespace {

/// Cuts the columns into blocks that lie within one column batch, and calls f(batch number, block, slice of
/// it) with counts that hold the block alone. Slices refer to columns of the layer.
class BlockReader {
 public:
  BlockReader(const Parameters& parameters, ColumnSource& source, const Broadcasts& broadcasts,
              std::size_t held_cells)
      : geometry_(image_geometry(parameters)),
        source_(source),
        broadcasts_(broadcasts),
        held_cells_(held_cells) {}

  template <class F>
  void read(std::size_t row_batches, F&& f) {
    const std::size_t cells_per_column = row_batches * lane_count(geometry_.pe_count);
    const auto most =
        static_cast<std::uint32_t>(std::clamp<std::size_t>(held_cells_ / cells_per_column, 1, 1024));
    for (std::size_t i = 0; i < broadcasts_.batches.size(); ++i) {
      const ScannedBatch& batch = broadcasts_.batches[i];
      std::size_t broadcast = batch.first_broadcast;
      for (std::uint32_t column = batch.first_column; column < batch.end_column;) {
        const std::uint32_t size = std::min(most, batch.end_column - column);
        ColumnCountsBuilder builder(geometry_, source_.rows(), size);
        for (std::uint32_t c = 0; c < size; ++c) {
          builder.add(source_.next());
        }
        const std::uint32_t* first = broadcasts_.columns.data() + broadcast;
        const std::uint32_t* end =
            std::lower_bound(first, broadcasts_.columns.data() + batch.end_broadcast, column + size);
        f(i, builder.finish(),
          Block{column, column + size, first, static_cast<std::size_t>(end - first), broadcast});
        broadcast += static_cast<std::size_t>(end - first);
        column += size;
      }
    }
  }

  struct Block {
    std::uint32_t begin;
    std::uint32_t end;
    const std::uint32_t* columns;  ///< broadcast ones
    std::size_t size;              ///< of them
    std::size_t first_broadcast;

    /// Row batch `b`'s part of the block, whose cells begin at image column b * (end - begin).
    SliceColumns slice(std::size_t b) const {
      const std::int64_t width = end - begin;
      return {columns, size, static_cast<std::int64_t>(b) * width - static_cast<std::int64_t>(begin)};
    }
  };

 private:
  ImageGeometry geometry_;
  ColumnSource& source_;
  const Broadcasts& broadcasts_;
  std::size_t held_cells_;
};

/// Where each row batch's entries begin in the PEs' memories, and the last one that the row batches before it
/// deliver. Row batches lie one after the other in memory, but arrive side by side: this takes a pass of its
/// own.
class RowBatchStarts {
 public:
  RowBatchStarts(std::size_t row_batches, std::uint32_t lanes)
      : lanes_(lanes), entries_(row_batches * lanes), last_(row_batches * lanes, RowReadCounter::no_entry) {}

  void add(const ColumnCounts& counts, const BlockReader::Block& block) {
    const std::uint32_t width = block.end - block.begin;
    for (std::size_t b = 0; b < counts.row_batches(); ++b) {
      const std::uint32_t* broadcast = block.columns;
      for (std::uint32_t c = 0; c < width; ++c) {
        const bool sent = broadcast != block.columns + block.size && *broadcast == block.begin + c;
        broadcast += sent ? 1 : 0;
        add_column(counts, b, static_cast<std::uint32_t>(b * width + c), sent);
      }
    }
  }

  /// A row read counter for each row batch, ready for its first column.
  std::vector<RowReadCounter> counters(std::uint32_t entries_per_row) const {
    std::vector<RowReadCounter> counters(entries_.size() / lanes_, RowReadCounter(lanes_, entries_per_row));
    for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
      std::uint64_t before = 0;
      std::int64_t last = RowReadCounter::no_entry;
      for (std::size_t b = 0; b < counters.size(); ++b) {
        counters[b].start_lane(lane, before, last);
        if (last_[b * lanes_ + lane] != RowReadCounter::no_entry) {
          last = static_cast<std::int64_t>(before) + last_[b * lanes_ + lane];
        }
        before += entries_[b * lanes_ + lane];
      }
    }
    return counters;
  }

 private:
  void add_column(const ColumnCounts& counts, std::size_t b, std::uint32_t image_column, bool sent) {
    for (std::uint32_t pe = 0; pe < counts.pe_count(); ++pe) {
      const std::uint32_t n = counts.entries_at(image_column, pe);
      std::uint64_t& entries = entries_[b * lanes_ + pe];
      entries += n;
      if (sent && n != 0) {
        last_[b * lanes_ + pe] = static_cast<std::int64_t>(entries) - 1;
      }
    }
  }

  std::uint32_t lanes_;
  std::vector<std::uint64_t> entries_;
  std::vector<std::int64_t> last_;
};

/// Adds up what the columns take in memory.
class ImageSums {
 public:
  explicit ImageSums(std::uint32_t pe_count) : image_{std::vector<std::uint64_t>(pe_count), 0, 0} {}

  void add(const ColumnCounts& counts) {
    image_.stored_entries += counts.stored_entries();
    image_.padding_entries += counts.padding_entries();
    std::visit([&](const auto& cells) { add_cells(cells.entries, counts.lanes()); }, counts.counts());
  }
  StreamedImage take() { return std::move(image_); }

 private:
  template <class Entries>
  void add_cells(const Entries& entries, std::uint32_t lanes) {
    std::vector<std::uint64_t> sums(lanes);
    for (auto column = entries.begin(); column != entries.end();) {
      for (std::uint64_t& sum : sums) {
        sum += *column++;
      }
    }
    for (std::size_t pe = 0; pe < image_.pe_entries.size(); ++pe) {
      image_.pe_entries[pe] += sums[pe];
    }
  }

  StreamedImage image_;
};

/// One row batch of a streamed run.
struct RowBatch {
  PhaseTimeline timeline;
  CarriedLast carry;
};

void check_shape(const ColumnSource& source, const LayerShape& shape) {
  if (source.columns() != shape.columns() || source.rows() != shape.outputs) {
    throw std::logic_error("a source of columns of another shape than its layer");  // both are the caller's
  }
}

}  // namespace

RunResult simulate_timing(const Parameters& parameters, ColumnSource& source, const LayerShape& shape,
                          const std::vector<std::int32_t>& activations, std::size_t held_cells,
                          StreamedImage* image) {
  check_shape(source, shape);
  const std::uint32_t lanes = lane_count(parameters.pe_count);
  const std::uint32_t per_row = parameters.entries_per_spmat_row();
  const Broadcasts broadcasts = scan(parameters, shape, activations);
  RunAssembly assembly(parameters, shape, broadcasts);
  BlockReader reader(parameters, source, broadcasts, held_cells);

  std::vector<RowBatch> rows(assembly.row_batches(), RowBatch{PhaseTimeline(parameters, lanes), {}});
  RowBatchStarts starts(rows.size(), lanes);
  if (rows.size() > 1) {
    reader.read(rows.size(), [&](std::size_t, const ColumnCounts& counts, const BlockReader::Block& block) {
      starts.add(counts, block);
    });
    source.rewind();
  }
  std::vector<RowReadCounter> row_reads = starts.counters(per_row);

  EntrySums sums(lanes);
  ImageSums image_sums(parameters.pe_count);
  reader.read(rows.size(), [&](std::size_t i, const ColumnCounts& counts, const BlockReader::Block& block) {
    if (image != nullptr) {
      image_sums.add(counts);
    }
    const ScannedBatch& batch = broadcasts.batches[i];
    const ColumnSpan span{block.begin, block.end, block.columns, block.size};
    for (std::size_t b = 0; b < rows.size(); ++b) {
      RowBatch& row = rows[b];
      if (block.begin == batch.first_column) {
        row.timeline.begin();
        row.carry.clear();
      }
      const SliceColumns slice = block.slice(b);
      row_reads[b].pass(counts, b * (block.end - block.begin), span);
      row.timeline.advance(counts, slice, broadcasts.gaps.data() + block.first_broadcast,
                           schedule_slice(counts, slice, sums, row.carry));
      if (block.end == batch.end_column) {
        assembly.add_compute_cycles(row.timeline.finish(batch.end_gap, assembly.phase_end(b, i)));
      }
    }
  });
  for (std::size_t b = 0; b < rows.size(); ++b) {
    assembly.add(rows[b].timeline);
    assembly.add_row_reads(row_reads[b].reads());
  }
  if (image != nullptr) {
    *image = image_sums.take();
  }
  return assembly.finish(sums);
}

}  // namespace lacuna::eie
