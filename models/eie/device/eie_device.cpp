#include "models/eie/device/eie_device.h"

#include "models/eie/device/eie_job.h"

namespace lacuna::eie {

using device::Job;

namespace {

std::vector<std::uint32_t> own_registers(const Parameters& p) {
#define LACUNA_VALUE(name, offset, parameter, meaning) static_cast<std::uint32_t>(p.parameter),
  return {LACUNA_EIE_DEVICE_REGISTERS(LACUNA_VALUE)};
#undef LACUNA_VALUE
}

const EieJob& own(const Job& job) {
  return static_cast<const EieJob&>(job);
}
EieJob& own(Job& job) {
  return static_cast<EieJob&>(job);
}

}  // namespace

Device::Device(const sc_core::sc_module_name& name, const Parameters& machine,
               const device::DeviceParameters& of_device)
    : device::Device(name, of_device, device_family, own_registers(machine)), machine_("machine", machine) {
  machine_.clock(clock);
  machine_.reset(machine_reset);
  watch(machine_.done());
}

void Device::trace(sc_core::sc_trace_file* file) const {
  device::Device::trace(file);
  machine_.trace(file);
}

std::unique_ptr<Job> Device::open(const device::JobHeader& header,
                                  const std::vector<std::uint8_t>& descriptor) {
  return std::make_unique<EieJob>(machine_.parameters, header, descriptor);
}

bool Device::fits_beside(const Job& held, const Job& next) const {
  return eie::fits_beside(machine_.parameters, own(held).needs(), own(next).needs());
}

bool Device::item_fits_beside(const Job& at_work, const Job& next) const {
  return eie::item_fits_beside(machine_.parameters, own(at_work).needs(), own(next).needs());
}

void Device::begin(Job& job, std::uint32_t /*item*/, const std::vector<std::uint8_t>& input) {
  EieJob& layer = own(job);
  layer.at_work = layer.activations(input);
  machine_.start(layer.layer, layer.image, layer.at_work);
}

device::ItemResult Device::finish(Job& job, std::uint32_t /*item*/) {
  const RunResult result = machine_.result();
  return {result.cycles, own(job).result_bytes(result.outputs)};
}

}  // namespace lacuna::eie
