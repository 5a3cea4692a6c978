#include "models/eie/engine.h"

namespace lacuna::eie {

void forget_values(RunResult& result) {
  result.outputs.clear();
  for (PeResult& pe : result.pes) {
    pe.events[PeEvent::accumulator_saturations] = 0;
  }
}

}  // namespace lacuna::eie
