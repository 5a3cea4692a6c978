#pragma once

#include <cstdint>
#include <string>

#include "models/common/error.h"
#include "models/common/fixed_point.h"

namespace lacuna {

/// The arithmetics of weights and activations. Sources: Zhao et al., "Automatic Generation of Multi-precision
/// Multi-arithmetic CNN Accelerators for FPGAs" (FPT 2019) and "Focused Quantization for Sparse CNNs"
/// (NeurIPS 2019); the layouts of the codes are ours.
enum class NumberKind {
  fixed,          ///< fixed(width, point): two's complement, `point` integer bits after the sign; as the
                  ///< point is a constant of the datapath it may lie outside the bits
  dynamic_fixed,  ///< dynamic_fixed(width, exponent): two's complement times 2^exponent of the tensor
  shift,          ///< shift(width, bias): s * 2^(e - bias)
  recentralised_shift,  ///< recentralised_shift(width, bias, negative, positive): shift around two centres
  ternary,              ///< ternary(exponent): -1, 0, 1 times 2^exponent
  binary,               ///< binary(exponent): -1, 1 times 2^exponent
};

/// The largest magnitude of a format's points, exponents, biases and centres.
inline constexpr int largest_format_exponent = 120;

/// What the codes of a tensor mean. Every code stands for an integer mantissa times 2^unit_exponent, so that
/// datapaths need no real numbers. Codes are the bits as a memory holds them, in the lowest `width_bits`:
/// * fixed, dynamic_fixed: two's complement.
/// * shift: width = k + 2; the upper two bits are s in two's complement (-1, 0, 1), the lower k are e.
///   s = 0 has e = 0; s = -2 is no code.
/// * recentralised_shift: the highest bit is the component (0: negative, 1: positive), the rest a shift code
/// of
///   width - 1 bits, whose value is added to the component's centre, -2^negative_centre or 2^positive_centre.
///   s = -2 with e = 0 and component 0 is the pruned weight, exactly zero. (The published alpha * sigma is a
///   scale of the tensor or channel and belongs to the requantisation.)
/// * ternary: two's complement of two bits without -2. binary: 1 is 1, 0 is -1.
struct NumberFormat {
  NumberKind kind = NumberKind::fixed;
  int width_bits = 8;       ///< bits of a code
  int point = 0;            ///< fixed: integer bits after the sign; negative: zeros behind the point left out
  int exponent = 0;         ///< dynamic_fixed, ternary, binary: of one unit
  int bias = 0;             ///< shifts: b
  int negative_centre = 0;  ///< recentralised_shift: exponent of the negative centre's magnitude
  int positive_centre = 0;  ///< recentralised_shift: exponent of the positive centre

  static NumberFormat fixed(int width_bits, int point);
  static NumberFormat dynamic_fixed(int width_bits, int exponent);
  static NumberFormat shift(int width_bits, int bias);
  static NumberFormat recentralised_shift(int width_bits, int bias, int negative_centre, int positive_centre);
  static NumberFormat ternary(int exponent);
  static NumberFormat binary(int exponent);

  bool is_two_complement() const { return kind == NumberKind::fixed || kind == NumberKind::dynamic_fixed; }
  bool is_shift() const { return kind == NumberKind::shift || kind == NumberKind::recentralised_shift; }
  /// Bits of e in a shift code; 0 for the other kinds.
  int shift_exponent_bits() const;
};

bool operator==(const NumberFormat& a, const NumberFormat& b);
bool operator!=(const NumberFormat& a, const NumberFormat& b);

/// Throws ConfigurationError at `place` unless: two's complement has 2..32 bits; a shift has 3..7 bits, a
/// recentralised one 4..8; points, exponents, biases and centres lie in -120..120; and mantissas fit 40
/// bits.
void check_format(const NumberFormat& format, const ErrorPlace& place);

/// The notation of configurations and reports, e.g. "shift(4, 7)"; the names and arguments are those at
/// `NumberKind`. `parse_number_format` reads it, with any spaces, and throws ConfigurationError at `place`.
std::string to_text(const NumberFormat& format);
NumberFormat parse_number_format(const std::string& text, const ErrorPlace& place);

/// Exponent of the value of mantissa 1.
int unit_exponent(const NumberFormat& format);

/// Smallest and largest mantissa that has a code.
std::int64_t min_mantissa(const NumberFormat& format);
std::int64_t max_mantissa(const NumberFormat& format);

/// Whether the bits stand for a number; if not, `decode` throws InputDataError.
bool is_code(const NumberFormat& format, std::uint32_t code);

/// The mantissa of a code: its value is decode(format, code) * 2^unit_exponent(format), exactly.
std::int64_t decode(const NumberFormat& format, std::uint32_t code);

/// The same as a real number.
double to_real(const NumberFormat& format, std::uint32_t code);

/// mantissa * 2^exponent, exactly; |mantissa| < 2^62.
struct ExactNumber {
  std::int64_t mantissa = 0;
  int exponent = 0;
};

/// A finite real number, exactly. Throws InputDataError for infinities and NaN.
ExactNumber exact(double value);

/// The code nearest to `value`; what lies outside the range becomes the end of the range. Two's complement
/// rounds as `rounding` says; the other kinds always round to nearest: between two magnitudes halfway to the
/// larger, binary to 1 from zero up. A recentralised shift takes the component that comes nearer (the
/// negative one on a tie) and never the pruned code; it sees the value rounded to 2^-16 of its unit.
std::uint32_t encode(const NumberFormat& format, ExactNumber value, Rounding rounding);
std::uint32_t encode_nearest(const NumberFormat& format, double value);

/// The two components of a recentralised shift.
enum class ShiftComponent { negative, positive };

/// The code of that component nearest to `value`, and the code of a pruned weight.
std::uint32_t encode_in_component(const NumberFormat& format, ShiftComponent component, ExactNumber value);
std::uint32_t pruned_code(const NumberFormat& format);

}  // namespace lacuna
