#include "sim/families.h"

#include "sim/eie/eie_family.h"
#include "sim/tomato/tomato_family.h"

namespace lacuna {

const Families& families() {
  // The list is written out: the linker drops objects of static libraries that nobody names.
  static const Families all = {
      &eie_family(),
      &tomato::tomato_family(),
  };
  return all;
}

}  // namespace lacuna
