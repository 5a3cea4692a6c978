#include "models/tomato/rtl/memory_words.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>

#include "models/common/number_format_parts.h"
#include "models/tomato/analysis_steps.h"
#include "models/tomato/stream_rules.h"
#include "models/tomato/unit_traits.h"

namespace lacuna::tomato {
namespace {

/// Fields put together from the lowest bit on, as a line of a $readmemh file.
class HexWord {
 public:
  void add(std::uint64_t value, std::uint64_t bits) {
    for (std::uint64_t bit = 0; bit < bits; ++bit) {
      bits_.push_back(bit < 64 && ((value >> bit) & 1U) != 0);
    }
  }
  std::string line() const {
    std::string digits;
    for (std::size_t first = 0; first < bits_.size(); first += 4) {
      unsigned digit = 0;
      for (std::size_t bit = first; bit < std::min(first + 4, bits_.size()); ++bit) {
        digit |= (bits_[bit] ? 1U : 0U) << (bit - first);
      }
      digits += "0123456789abcdef"[digit];
    }
    std::reverse(digits.begin(), digits.end());
    return digits + "\n";
  }

 private:
  std::vector<bool> bits_;
};

std::uint32_t weight_code(const Unit& unit, std::int64_t mantissa) {
  const NumberFormat& format = unit.weights.format;
  if (format.kind == NumberKind::recentralised_shift && mantissa == 0) {
    return pruned_code(format);
  }
  const std::uint32_t code = encode(format, {mantissa, unit_exponent(format)}, Rounding::nearest);
  if (decode(format, code) != mantissa) {
    throw std::logic_error(fmt::format("{}: {} is no mantissa of {}", unit.name, mantissa, to_text(format)));
  }
  return code;
}

}  // namespace

std::string window_rows(const WindowGeometry& geometry, std::uint64_t pixel_bits) {
  const WindowSide& rows = geometry.rows();
  const std::uint64_t width = geometry.columns().size;
  std::string text;
  for (std::uint32_t row = 0; row < rows.positions; ++row) {
    const auto first = rows.first_read(row);
    const bool next_begins_there =
        first && row + 1 < rows.positions && rows.first_read_from(row + 1) == first;
    HexWord word;
    word.add(rows.last_read(row).value_or(0) * width, pixel_bits);
    word.add(first.value_or(0) * width, pixel_bits);
    word.add(geometry.reads_map() ? geometry.first_pixel_from_row(row + 1) : 0, pixel_bits + 1);
    word.add(first && !next_begins_there ? 1 : 0, 1);
    word.add(first ? 1 : 0, 1);
    text += word.line();
  }
  return text;
}

std::string window_columns(const WindowGeometry& geometry, std::uint64_t pixel_bits) {
  const WindowSide& columns = geometry.columns();
  std::string text;
  for (std::uint32_t column = 0; column < columns.positions; ++column) {
    const auto last = columns.last_read(column);
    const auto first = columns.first_read_from(column);
    HexWord word;
    word.add(last ? *last + 1 : 0, pixel_bits);
    word.add(first.value_or(0), pixel_bits);
    word.add(first ? 1 : 0, 1);
    word.add(last ? 1 : 0, 1);
    text += word.line();
  }
  return text;
}

std::string window_lines(const WindowGeometry& geometry, std::uint64_t line_bits) {
  const WindowSide& rows = geometry.rows();
  const auto lines = static_cast<std::int64_t>(geometry.lines());
  std::string text;
  for (std::uint32_t row = 0; row < rows.positions; ++row) {
    HexWord word;
    word.add(static_cast<std::uint64_t>((rows.start(row) % lines + lines) % lines), line_bits);
    for (std::uint32_t tap = 0; tap < rows.kernel; ++tap) {
      word.add(rows.is_inside(row, tap) ? 1 : 0, 1);
    }
    text += word.line();
  }
  return text;
}

std::string window_banks(const WindowGeometry& geometry, std::uint64_t bank_bits,
                         std::uint64_t address_bits) {
  const WindowSide& columns = geometry.columns();
  const std::int64_t banks = columns.kernel;
  std::string text;
  for (std::uint32_t column = 0; column < columns.positions; ++column) {
    const std::int64_t bank = (columns.start(column) % banks + banks) % banks;
    const std::int64_t address = (columns.start(column) - bank) / banks + 1;
    HexWord word;
    word.add(static_cast<std::uint64_t>(bank), bank_bits);
    word.add(static_cast<std::uint64_t>(address), address_bits);
    for (std::uint32_t tap = 0; tap < columns.kernel; ++tap) {
      word.add(columns.is_inside(column, tap) ? 1 : 0, 1);
    }
    text += word.line();
  }
  return text;
}

std::string weight_words(const Pipeline& pipeline, const Analysis& analysis, std::size_t position,
                         std::uint64_t tap_lanes, std::uint64_t input_lanes) {
  const Unit& unit = pipeline.units[position];
  const UnitPlan& plan = analysis.units[position];
  const Stream& input = analysis.streams[plan.inputs.front()];
  const std::vector<std::int32_t>& weights = unit.weights.mantissas;
  if (weights.empty()) {
    throw unit_error(pipeline, unit, "it has no weights", "weights, or memories that stay empty");
  }
  const UnitTraits& kind = traits(unit.kind);
  const std::uint64_t lanes = unit.unroll.output_channels;
  const std::uint64_t outputs = analysis.streams[plan.outputs.front()].map.channels;
  const std::uint64_t taps = kind.collects_frame ? plan.tokens_per_frame : input.taps;
  const std::uint64_t channels = joined_channels(unit, input);
  const std::uint64_t tap_words = kind.collects_frame ? taps : divide_up(taps, tap_lanes);
  const std::uint64_t channel_words = divide_up(channels, input_lanes);
  const auto bits = static_cast<std::uint64_t>(unit.weights.format.width_bits);
  const auto code = [&](std::uint64_t output, std::uint64_t tap, std::uint64_t channel) {
    const bool is_weight = output < outputs && tap < taps && channel < channels;
    return is_weight ? weight_code(unit, weights[(output * taps + tap) * channels + channel]) : 0U;
  };
  const auto word = [&](std::uint64_t group, std::uint64_t tap_word, std::uint64_t channel_word) {
    HexWord hex;
    for (std::uint64_t lane = 0; lane < lanes; ++lane) {
      for (std::uint64_t tap = 0; tap < tap_lanes; ++tap) {
        for (std::uint64_t channel = 0; channel < input_lanes; ++channel) {
          hex.add(
              code(group * lanes + lane, tap_word * tap_lanes + tap, channel_word * input_lanes + channel),
              bits);
        }
      }
    }
    return hex.line();
  };
  const std::uint64_t groups = divide_up(outputs, lanes);
  const std::uint64_t tokens = kind.collects_frame ? taps : 1;
  std::string text;
  for (std::uint64_t token = 0; token < tokens; ++token) {
    for (std::uint64_t group = 0; group < groups; ++group) {
      for (std::uint64_t tap = 0; tap < tap_words / tokens; ++tap) {
        for (std::uint64_t channel = 0; channel < channel_words; ++channel) {
          text += word(group, tokens > 1 ? token : tap, channel);
        }
      }
    }
  }
  return text;
}

std::string scale_words(const Unit& unit, std::uint64_t channels) {
  const Requantisation& r = unit.requantisation;
  const std::uint64_t lanes = unit.unroll.output_channels;
  const auto value = [&](const std::vector<std::int32_t>& values, std::uint64_t channel) {
    return channel < channels ? static_cast<std::uint64_t>(values[values.size() == 1 ? 0 : channel]) & 0xffffU
                              : 0U;
  };
  std::string text;
  for (std::uint64_t first = 0; first < channels; first += lanes) {
    HexWord word;
    for (std::uint64_t lane = 0; lane < lanes; ++lane) {
      word.add(value(r.scale, first + lane), Requantisation::scale_bits);
      word.add(value(r.offset, first + lane), Requantisation::scale_bits);
    }
    text += word.line();
  }
  return text;
}

}  // namespace lacuna::tomato
