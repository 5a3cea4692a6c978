#pragma once

namespace lacuna {

/// To be called before a machine is made of SystemC modules. SystemC elaborates once per process, so the
/// second call throws ConfigurationError. Warnings of the kernel become exceptions from here on.
void begin_elaboration();

}  // namespace lacuna
