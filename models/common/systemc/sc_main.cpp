// The SystemC library has a main of its own, which calls this. Programs that use the engine have theirs, so
// this is never called, but the library does not link without it. It stands alone so that a platform with an
// sc_main of its own does not get this one, too.

#include <systemc>

int sc_main(int /*argc*/, char* /*argv*/[]) {
  return 0;
}
