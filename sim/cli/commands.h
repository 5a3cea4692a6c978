#pragma once

#include "sim/cli/exit_codes.h"

namespace CLI {
class App;
}

namespace lacuna::cli {

/// Each adds a subcommand to the program, with its options, a help text with an example, and a callback that
/// does the work. Callbacks throw Lacuna's errors; `Failure` ends the program with exit code 1.
void add_run(CLI::App& app);
void add_sweep(CLI::App& app);
void add_search(CLI::App& app);
void add_merge(CLI::App& app);
void add_train(CLI::App& app);
void add_energy(CLI::App& app);
void add_schema(CLI::App& app);
void add_compare(CLI::App& app);
void add_regress(CLI::App& app);
void add_report(CLI::App& app);
void add_compress(CLI::App& app);
void add_generate(CLI::App& app);
void add_graph(CLI::App& app);
void add_import(CLI::App& app);
void add_inspect(CLI::App& app);
void add_validate(CLI::App& app);
/// Prints the manual page or the completion of all that was added to `app` so far and later.
void add_manual(CLI::App& app);

}  // namespace lacuna::cli
