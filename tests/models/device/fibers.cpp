// Part of sanitizer builds alone. SystemC 2.3.4 tells AddressSanitizer of each switch between its processes'
// stacks, but not where the stack of the main program is, to which methods belong: after the first switch
// back, AddressSanitizer takes another for it, cannot clear it when an exception passes
// (google/sanitizers#189) and finds faults that are none. Not told of switches, it knows the main program's
// stack, and exceptions in method processes are safe.

#include <cstddef>

extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier)
void __sanitizer_start_switch_fiber(void** /*fake_stack*/, const void* /*bottom*/, std::size_t /*size*/) {}
void __sanitizer_finish_switch_fiber(void* /*fake_stack*/, const void** /*bottom*/, std::size_t* /*size*/) {}
// NOLINTEND(bugprone-reserved-identifier)
}
