#pragma once

namespace lacuna {

/// How the data of a trace are packed.
enum class TraceCompression {
  none,   ///< as they are, in one piece, without checksums: read fastest
  fast,   ///< in chunks with checksums
  small,  ///< the same chunks, shuffled and packed by gzip
};

}  // namespace lacuna
