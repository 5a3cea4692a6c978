#pragma once

#include "tests/models/tomato/random_chain.h"

namespace lacuna::test {

/// Adds some units that belong together: a layer, branches that join again, or a link.
void add_random_block(RandomChain& chain);

/// The same of those that join channels in groups or choose among them.
void add_random_group_block(RandomChain& chain);

}  // namespace lacuna::test
