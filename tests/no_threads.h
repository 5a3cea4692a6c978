#pragma once

#include <sys/resource.h>
#include <unistd.h>

namespace lacuna::test {

/// From now on this process can have only `threads` threads in all. A limit of processes does not bind root,
/// so a process of root becomes another user for good: for child processes. Whether others run as the user
/// that the process had already is not known; then it can start none at all, whatever `threads` says.
inline bool allow_threads(rlim_t threads) {
  const bool root = geteuid() == 0;
  const rlim_t limit = root ? threads : 0;
  const rlimit both = {limit, limit};
  if (setrlimit(RLIMIT_NPROC, &both) != 0) {
    return false;
  }
  constexpr uid_t unused_users = 20000;  // one for each test that runs at the same time
  return !root || setuid(unused_users + static_cast<uid_t>(getpid()) % unused_users) == 0;
}

}  // namespace lacuna::test
