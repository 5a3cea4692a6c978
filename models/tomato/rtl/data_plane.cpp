#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

#include "models/tomato/analysis_steps.h"
#include "models/tomato/rtl/emit_design.h"
#include "models/tomato/rtl/window_geometry.h"
#include "models/tomato/stream_rules.h"
#include "models/tomato/unit_traits.h"

namespace lacuna::tomato {
namespace {

/// Memories over which pixels are dealt out so that the taps of any one step lie in different ones. In a map
/// narrower than the window two taps can be the same pixel: one of them lies outside the map.
std::uint64_t banks_of(const WindowGeometry& geometry, std::uint64_t tap_lanes) {
  const std::uint64_t width = geometry.columns().kernel;
  const std::uint64_t taps = geometry.rows().kernel * width;
  const auto is_free_of_conflicts = [&](std::uint64_t banks) {
    for (std::uint64_t first = 0; first < taps; first += tap_lanes) {
      std::map<std::uint64_t, std::uint64_t> pixel_of_bank;
      for (std::uint64_t tap = first; tap < std::min(first + tap_lanes, taps); ++tap) {
        const std::uint64_t pixel = tap / width * geometry.columns().size + tap % width;
        if (pixel_of_bank.emplace(pixel % banks, pixel).first->second != pixel) {
          return false;
        }
      }
    }
    return true;
  };
  std::uint64_t banks = std::min(tap_lanes, taps);
  while (!is_free_of_conflicts(banks)) {
    ++banks;  // ends where the banks are as many as the pixels that a window spans
  }
  return banks;
}

/// The window behind a FIFO, where its windows can be read from the pixels in front of it: its consumer takes
/// slices, and the first window needs a pixel, which gives the reader the time to begin.
std::optional<std::size_t> sliced_window(const Pipeline& pipeline, const Analysis& analysis,
                                         std::size_t edge) {
  const std::size_t unit = pipeline.edges[edge].to;
  if (pipeline.units[unit].kind != UnitKind::window) {
    return std::nullopt;
  }
  const std::size_t reader = pipeline.edges[analysis.units[unit].outputs.front()].to;
  const WindowGeometry geometry(pipeline.units[unit].window, analysis.streams[edge].map);
  const bool first_reads = geometry.rows().first_read(0) && geometry.columns().first_read(0);
  return first_reads && reads_slices(pipeline.units[reader], analysis.units[reader]) ? std::optional(unit)
                                                                                     : std::nullopt;
}

PixelStore store_of(const Pipeline& pipeline, const Analysis& analysis, std::size_t edge,
                    std::optional<std::size_t> window) {
  PixelStore store;
  store.write_edge = edge;
  store.window = window;
  store.read_edge = window ? analysis.units[*window].outputs.front() : edge;
  const Stream& pixels = analysis.streams[edge];
  const std::uint64_t channels = pixels.map.channels;
  const Unit& writer = pipeline.units[pipeline.edges[edge].from];
  const UnitPlan& writer_plan = analysis.units[pipeline.edges[edge].from];
  const std::size_t reader_at = pipeline.edges[store.read_edge].to;
  const Unit& reader = pipeline.units[reader_at];
  const bool writes = writes_slices(writer, writer_plan);
  const bool reads = reads_slices(reader, analysis.units[reader_at]);
  const UnitTraits& kind = traits(reader.kind);
  store.write_lanes = writes ? writer.unroll.output_channels : channels;
  store.read_lanes = !reads                ? channels
                     : kind.joins_channels ? reader.unroll.input_channels
                                           : reader.unroll.output_channels;
  const std::uint64_t common = std::lcm(store.write_lanes, store.read_lanes);
  store.word_writes = divide_up(std::min(common, channels), store.write_lanes);
  store.word_reads = divide_up(std::min(common, channels), store.read_lanes);
  store.words = common < channels ? divide_up(channels, common) : 1;
  // Results are written up to a pipe and a token ahead of their push; a token that is worked on keeps its
  // place.
  std::uint64_t pixels_held = pipeline.edges[edge].depth + (writes ? writer_plan.latency_cycles + 1 : 0);
  if (window) {
    const WindowGeometry geometry(pipeline.units[*window].window, pixels.map);
    pixels_held += geometry.pixels_alive(std::uint64_t{pipeline.edges[store.read_edge].depth} + 1);
    store.tap_lanes = kind.unrolls_taps ? reader.unroll.taps : 1;
    store.banks = banks_of(geometry, store.tap_lanes);
  } else {
    pixels_held += reads ? 1 : 0;
  }
  store.entries = std::max<std::uint64_t>(divide_up(pixels_held, store.banks), 2);
  return store;
}

}  // namespace

bool writes_slices(const Unit& unit, const UnitPlan& plan) {
  switch (unit.kind) {
    case UnitKind::convolution:
    case UnitKind::depthwise:
    case UnitKind::pointwise:
    case UnitKind::fully_connected:
      return !plan.output_gate_input && !plan.input_gate_input;
    case UnitKind::max_pool:
    case UnitKind::sum_pool:
    case UnitKind::global_sum_pool:
    case UnitKind::requantise:
      return true;
    default:
      return false;
  }
}

bool reads_slices(const Unit& unit, const UnitPlan& plan) {
  return writes_slices(unit, plan) && channel_groups(unit) == 1;
}

std::vector<EdgeHardware> edge_hardware(const Pipeline& pipeline, const Analysis& analysis, DataPlane plane) {
  std::vector<EdgeHardware> edges(pipeline.edges.size());
  if (plane == DataPlane::flat) {
    return edges;
  }
  for (std::size_t edge = 0; edge < edges.size(); ++edge) {
    const std::size_t writer = pipeline.edges[edge].from;
    const auto window = sliced_window(pipeline, analysis, edge);
    if (window) {
      edges[analysis.units[*window].outputs.front()].counts_alone = true;
    }
    if (window || writes_slices(pipeline.units[writer], analysis.units[writer])) {
      edges[edge].store = store_of(pipeline, analysis, edge, window);
    }
  }
  return edges;
}

}  // namespace lacuna::tomato
