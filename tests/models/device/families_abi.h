#pragma once

#include <vector>

#include "models/device/abi_text.h"
#include "models/eie/device/eie_device.h"
#include "models/tomato/device/tomato_device.h"

namespace lacuna::test {

/// What the families add to the interface, in the order of their numbers.
inline std::vector<device::FamilyAbi> families_abi() {
#define LACUNA_OWN(name, offset, parameter, meaning) {#name, offset, meaning},
  const std::vector<device::OwnRegister> eie = {LACUNA_EIE_DEVICE_REGISTERS(LACUNA_OWN)};
#undef LACUNA_OWN
#define LACUNA_OWN(name, offset, meaning) {#name, offset, meaning},
  const std::vector<device::OwnRegister> tomato = {LACUNA_TOMATO_DEVICE_REGISTERS(LACUNA_OWN)};
#undef LACUNA_OWN
  return {{"eie", eie::device_family, eie, eie::JobFields::lines()},
          {"stream", tomato::device_family, tomato, tomato::JobFields::lines()}};
}

}  // namespace lacuna::test
