// The SystemC library has a main of its own, which calls this. Programs that use the engine have theirs, so
// this is never called, but the library does not link without it.

#include <systemc>

int sc_main(int /*argc*/, char* /*argv*/[]) {
  return 0;
}
