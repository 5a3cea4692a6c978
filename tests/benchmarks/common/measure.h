#pragma once

#include <functional>
#include <vector>

namespace lacuna::benchmark {

/// Processor seconds that `work` takes in this process: the figure of one thread on a machine that others
/// use, too.
double processor_seconds(const std::function<void()>& work);

/// Runs `measure` in a child process, as SystemC elaborates once per process, and returns what it returns.
/// Ends the program when the child fails.
double in_child(const std::function<double()>& measure);

double median(std::vector<double> values);

}  // namespace lacuna::benchmark
