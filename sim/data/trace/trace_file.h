#pragma once

#include <string>

#include "sim/data/trace/compression.h"
#include "sim/data/trace/trace.h"

namespace lacuna {

/// Reads and checks an HDF5 trace (docs/file-formats.md); in a child process where its metadata or texts have
/// no checksums (as h5py writes them by default). Throws InputDataError. Neither this nor
/// `write_trace` may run in two threads at once: serial HDF5 is not thread-safe.
Trace read_trace(const std::string& path);

/// Writes an HDF5 trace; the file appears by rename when complete, and the same trace gives the same bytes.
/// Rows of a matrix that 16 bits can count are stored in so many, except with TraceCompression::none. Throws
/// InputDataError when it cannot be written.
void write_trace(const Trace& trace, const std::string& path,
                 TraceCompression compression = TraceCompression::fast);

}  // namespace lacuna
