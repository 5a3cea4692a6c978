#pragma once

// Names in a trace file, shared by its reader and its writer (docs/file-formats.md).

namespace lacuna::trace_layout {

inline constexpr char schema_name[] = "lacuna.trace/1";

inline constexpr char root[] = "/";
inline constexpr char schema[] = "schema";
inline constexpr char name[] = "name";
inline constexpr char has_bias[] = "has_bias";
inline constexpr char relu[] = "relu";

inline constexpr char matrix[] = "matrix";
inline constexpr char format[] = "format";
inline constexpr char csc[] = "csc";
inline constexpr char data[] = "matrix/data";
inline constexpr char indices[] = "matrix/indices";
inline constexpr char indptr[] = "matrix/indptr";
inline constexpr char shape[] = "matrix/shape";

inline constexpr char codebook[] = "codebook";
inline constexpr char activations[] = "activations";
inline constexpr char labels[] = "labels";
inline constexpr char provenance[] = "provenance";

inline constexpr char formats[] = "formats";
inline constexpr char weight_bits[] = "weight_integer_bits";
inline constexpr char activation_bits[] = "activation_integer_bits";
inline constexpr char accumulator_bits[] = "accumulator_integer_bits";
inline constexpr char output_bits[] = "output_integer_bits";

}  // namespace lacuna::trace_layout
