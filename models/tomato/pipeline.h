#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/common/error.h"
#include "models/common/fixed_point.h"
#include "models/common/number_format.h"

namespace lacuna::tomato {

/// A pipeline that no machine can be. Models know no files: whoever has built the pipeline says where the
/// layer stands.
class PipelineError : public ConfigurationError {
 public:
  /// `layer` as Unit::layer; empty where no single one is the reason.
  PipelineError(std::string layer, const std::string& wrong, const std::string& allowed = {})
      : ConfigurationError({}, wrong, allowed), layer_(std::move(layer)) {}

  const std::string& layer() const { return layer_; }

 private:
  std::string layer_;
};

/// The units of the machine (contract, section 5).
enum class UnitKind {
  source,           ///< gives the input's pixels
  sink,             ///< takes the results
  window,           ///< line buffers: pixels to windows
  convolution,      ///< window to pixel, all input channels to all output channels
  depthwise,        ///< window to pixel, each channel on its own
  pointwise,        ///< pixel to pixel, all input channels to all output channels
  fully_connected,  ///< all pixels of a frame to one pixel
  max_pool,         ///< window to pixel, largest value of each channel
  sum_pool,         ///< window to pixel, sum of each channel; with a requantisation, average pooling
  global_sum_pool,  ///< all pixels of a frame to one pixel, sum of each channel
  add,              ///< sum of two streams
  concat,           ///< channels of several streams side by side
  requantise,       ///< scale, offset, rectifier, rounding and saturation to a number format
  fork,             ///< one stream to several
  link,             ///< a serial link between devices
  winners,          ///< keeps the largest values of a pixel: dynamic channel pruning's selection
  boost,            ///< multiplies each channel by the frame's gate
  select,           ///< some channels of a pixel in any order: slices, splits, shuffles
};
inline constexpr std::size_t unit_kind_count = static_cast<std::size_t>(UnitKind::select) + 1;

/// The name of a kind in files and reports.
const char* to_text(UnitKind kind);

/// Rows and columns of pixels and the values in each.
struct MapShape {
  std::uint32_t height = 1;
  std::uint32_t width = 1;
  std::uint32_t channels = 1;

  std::uint64_t pixels() const { return std::uint64_t{height} * width; }
};

bool operator==(const MapShape& a, const MapShape& b);

/// What lies outside the map: zero (in every format: such taps add nothing), or the smallest mantissa of the
/// stream (for max pooling).
enum class Padding { zero, lowest };

/// A sliding window. Each padding is smaller than the kernel in its direction.
struct WindowShape {
  std::uint32_t kernel_height = 1;
  std::uint32_t kernel_width = 1;
  std::uint32_t stride = 1;
  std::uint32_t pad_top = 0;
  std::uint32_t pad_bottom = 0;
  std::uint32_t pad_left = 0;
  std::uint32_t pad_right = 0;
  Padding padding = Padding::zero;
  std::uint32_t extra_lines = 0;  ///< line buffers beyond the kernel_height - 1 that a window needs, 0..1024

  /// Pixels that the line buffers hold (contract, section 4) for a map of this width.
  std::uint64_t buffer_pixels(std::uint32_t width) const {
    return std::uint64_t{kernel_height - 1 + extra_lines} * width + kernel_width + 1;
  }
  std::uint32_t taps() const { return kernel_height * kernel_width; }
  std::uint32_t output_height(std::uint32_t height) const {
    return (height + pad_top + pad_bottom - kernel_height) / stride + 1;
  }
  std::uint32_t output_width(std::uint32_t width) const {
    return (width + pad_left + pad_right - kernel_width) / stride + 1;
  }
};

/// Lanes of an engine; what is not unrolled is rolled over cycles. Each is between 1 and what it unrolls.
struct Unroll {
  std::uint32_t input_channels = 1;   ///< convolution, pointwise, fully connected: of a group's
  std::uint32_t output_channels = 1;  ///< the same, of all groups'; other kinds: channels worked on at once
  std::uint32_t taps = 1;             ///< convolution, depthwise, pools over windows
};

/// Weights as integers: `mantissas` of `format` (number_format.h), each that of a code. Order: convolution
/// [output][row][column][input of its group], depthwise [channel][row][column], pointwise [output][input of
/// its group], fully connected [output][row of the map][column][input]. May be empty in runs without values.
struct Weights {
  NumberFormat format;
  std::vector<std::int32_t> mantissas;
};

/// mantissa of output = encode(format, (value * scale[c] + offset[c] * 2^offset_shift) * 2^-shift), then the
/// rectifier (contract, section 6). Scales and offsets are 16-bit integers; one for all channels or one for
/// each.
struct Requantisation {
  static constexpr int scale_bits = 16;

  NumberFormat format;
  Rounding rounding = Rounding::nearest;
  std::vector<std::int32_t> scale{1};
  std::vector<std::int32_t> offset{0};
  std::uint32_t shift = 0;              ///< 0..62
  std::uint32_t offset_shift = 0;       ///< 0..45
  bool relu = false;                    ///< negative results become 0
  std::optional<std::int64_t> maximum;  ///< with relu, larger mantissas become this (ReLU6)
};

/// A serial link with credits.
struct Link {
  std::uint32_t bits_per_cycle = 256;
  std::uint32_t latency_cycles = 1;  ///< in each direction, >= 1
  std::uint32_t buffer_tokens = 2;   ///< pixels that the far end can hold, >= 1
};

/// One unit. Members that its kind does not use are ignored.
struct Unit {
  std::string name;   ///< unique in the pipeline
  std::string layer;  ///< of the network that this unit serves; for reports
  UnitKind kind = UnitKind::source;
  MapShape map;                       ///< source: the input's shape
  NumberFormat format;                ///< source: of the input
  std::uint32_t interval_cycles = 1;  ///< source: at least this many cycles from pixel to pixel
  WindowShape window;                 ///< window
  std::uint32_t output_channels = 1;  ///< convolution, pointwise, fully connected
  std::uint32_t groups = 1;           ///< convolution, pointwise: parts of the channels that are joined apart
  std::vector<std::uint32_t> selected;  ///< select: the input channel that each output channel is
  Unroll unroll;
  Weights weights;                 ///< convolution, depthwise, pointwise, fully connected
  Requantisation requantisation;   ///< requantise
  Link link;                       ///< link
  std::uint32_t winners = 1;       ///< winners: channels kept
  std::uint32_t winner_lanes = 1;  ///< winners: channel c is in lane c mod this; lanes take turns
  bool output_gate = false;        ///< weights: an input for the gate of the output channels
  bool input_gate = false;         ///< convolution, pointwise, fully connected: one for the input channels
};

/// Tokens that the deepest FIFO holds.
inline constexpr std::uint32_t deepest_fifo = 1U << 24;

/// A stream FIFO from an output of one unit to an input of another. Input 0 carries the data; a unit's gate
/// inputs follow, the output channels' first; boost has its gate at input 1; add has two, concat two or more.
/// Only fork has more than output 0.
struct Edge {
  std::size_t from = 0;  ///< position in Pipeline::units
  std::uint32_t from_output = 0;
  std::size_t to = 0;
  std::uint32_t to_input = 0;
  std::uint32_t depth = 2;  ///< tokens it holds, 1..2^24
};

/// A whole machine: exactly one source and one sink, no cycles.
struct Pipeline {
  std::string name;
  std::vector<Unit> units;
  std::vector<Edge> edges;
};

/// "producer -> consumer", with outputs and inputs where there are several; for messages and results.
std::string edge_name(const Pipeline& pipeline, const Edge& edge);

}  // namespace lacuna::tomato
