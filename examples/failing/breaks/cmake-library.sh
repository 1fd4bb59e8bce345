# needs: cmake cc
# A module of CMake's own that finds nothing, and says so from far within CMake.
cat >CMakeLists.txt <<'EOF'
cmake_minimum_required(VERSION 3.10)
project(example NONE)
list(APPEND CMAKE_MODULE_PATH ${CMAKE_SOURCE_DIR})
find_package(Widget REQUIRED)
EOF
cat >FindWidget.cmake <<'EOF'
find_path(WIDGET_INCLUDE_DIR nosuch/widget.h)
find_library(WIDGET_LIBRARY nosuchwidget)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Widget REQUIRED_VARS WIDGET_LIBRARY WIDGET_INCLUDE_DIR)
EOF
cmake -S . -B build
