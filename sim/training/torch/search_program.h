#pragma once

namespace lacuna::cli {

/// `lacuna-train search ...`: a search, with gradients by libtorch. The first word is the program's name.
/// Throws Lacuna's errors; returns the exit code of what CLI11 reports.
int run_search_program(int argc, char** argv);

/// `lacuna-train merge ...`: the shards of a search become one, likewise.
int run_merge_program(int argc, char** argv);

}  // namespace lacuna::cli
