#pragma once

/// For programs that read damaged traces, included once in each: HDF5 1.10 itself forgets some hundred bytes
/// for each damaged file, whether it is linked as a shared library or within the program.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libhdf5\nleak:^H5";
}
