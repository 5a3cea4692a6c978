#pragma once

/// For programs that read damaged traces, and may be included in several files of one: HDF5 1.10 itself
/// forgets some hundred bytes for each damaged file, whether it is linked as a shared library or within the
/// program.
extern "C" [[gnu::weak]] const char* __lsan_default_suppressions() {
  return "leak:libhdf5\nleak:^H5";
}
