#pragma once

namespace lacuna {

/// Version of the program, such as 0.1.0.
const char* program_version();

/// The commit that the program was built from, as `git describe --always --dirty` names it: a build with
/// changes that are in no commit ends with "-dirty". "unknown" where the source tree is no clone.
const char* program_commit();

}  // namespace lacuna
