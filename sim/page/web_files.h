#pragma once

#include <string_view>

namespace lacuna::page {

/// Files of sim/page/web, which the build puts into the program (cmake/EmbedText.cmake), so that a page needs
/// no other file and the program none at run time.
std::string_view vega_script();
std::string_view page_script();
std::string_view page_style();

}  // namespace lacuna::page
