#include <memory>

#include "models/tomato/systemc/channel_units.h"
#include "models/tomato/systemc/frame_units.h"
#include "models/tomato/systemc/link.h"
#include "models/tomato/systemc/source_sink.h"
#include "models/tomato/systemc/weight_units.h"
#include "models/tomato/systemc/window.h"

namespace lacuna::tomato::systemc {

std::unique_ptr<UnitModule> make_unit(const sc_core::sc_module_name& name, const UnitWiring& wiring) {
  switch (wiring.unit->kind) {
    case UnitKind::source:
      return std::make_unique<Source>(name, wiring);
    case UnitKind::sink:
      return std::make_unique<Sink>(name, wiring);
    case UnitKind::window:
      return std::make_unique<Window>(name, wiring);
    case UnitKind::convolution:
      return std::make_unique<Convolution>(name, wiring);
    case UnitKind::depthwise:
      return std::make_unique<Depthwise>(name, wiring);
    case UnitKind::pointwise:
      return std::make_unique<Pointwise>(name, wiring);
    case UnitKind::fully_connected:
      return std::make_unique<FullyConnected>(name, wiring);
    case UnitKind::max_pool:
      return std::make_unique<MaxPool>(name, wiring);
    case UnitKind::sum_pool:
      return std::make_unique<SumPool>(name, wiring);
    case UnitKind::global_sum_pool:
      return std::make_unique<GlobalSumPool>(name, wiring);
    case UnitKind::add:
      return std::make_unique<ResidualAdd>(name, wiring);
    case UnitKind::concat:
      return std::make_unique<Concat>(name, wiring);
    case UnitKind::requantise:
      return std::make_unique<Requantise>(name, wiring);
    case UnitKind::fork:
      return std::make_unique<Fork>(name, wiring);
    case UnitKind::link:
      return std::make_unique<LinkUnit>(name, wiring);
    case UnitKind::winners:
      return std::make_unique<Winners>(name, wiring);
    case UnitKind::boost:
      return std::make_unique<Boost>(name, wiring);
    case UnitKind::select:
      break;
  }
  return std::make_unique<Select>(name, wiring);
}

}  // namespace lacuna::tomato::systemc
