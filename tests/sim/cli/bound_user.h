#pragma once

#include <filesystem>

#include <unistd.h>

#include "tests/sim/cli/program.h"

namespace lacuna::test {

/// Permissions and limits of processes do not bind root: then another user runs the program. That user may
/// not read what lies below root's home, so the program is run from a folder that everyone can read, and
/// what it is to read has to lie there too.
class BoundUser {
 public:
  BoundUser() {
    namespace fs = std::filesystem;
    fs::permissions(folder_.path(), fs::perms(0755));
    fs::copy_file(LACUNA_PROGRAM, folder_.file("lacuna"));
  }

  /// False where the system gives root no other user.
  bool works() const { return run("--version").exit_code == 0; }

  /// `before`: a command that starts the program, with a limit say.
  ProgramEnd run(const std::string& arguments, const std::string& before = {}) const {
    const std::string user =
        geteuid() == 0 ? "setpriv --reuid 65534 --regid 65534 --clear-groups " : std::string();
    return run_command(user + before + " " + shell_word(folder_.file("lacuna")) + " " + arguments);
  }

  const TemporaryFolder& folder() const { return folder_; }

  /// A copy of a file or folder of the source tree at the same place in the user's folder, which everyone can
  /// read; returns its path.
  std::string copy_of(const std::string& path) const {
    const std::filesystem::path copy = folder_.file(path);
    std::filesystem::create_directories(copy.parent_path());
    std::filesystem::copy(std::string(LACUNA_SOURCE_DIR) + "/" + path, copy,
                          std::filesystem::copy_options::recursive);
    run_command("chmod -R a+rX " + shell_word(folder_.path()));
    return copy.string();
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace lacuna::test
