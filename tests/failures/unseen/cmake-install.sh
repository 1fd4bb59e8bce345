# needs: gcc cmake make ninja
# A manual page that the list of what to install names and the tarball doesn't hold.
set -eu
export LC_ALL=C

mkdir -p lib tool man include/qrs
parts="ascii base bitmap block bytes canvas cell code cursor decode draw eci encode error format galois gif image
info kanji level line mask matrix micro mode module number order pad palette parity path pbm pixel png poly
quiet raster render rs scale segment size split stream svg symbol term text tile utf8 version xpm"
sources=
for part in $parts; do
    printf 'int qrs_%s(int error)\n{\n    return error + 1;\n}\n' "$part" > "lib/$part.c"
    printf 'int qrs_%s(int error);\n' "$part" > "include/qrs/$part.h"
    sources="$sources $part.c"
done
echo 'int qrs_error(int); int main(void) { return qrs_error(-1); }' > tool/qrs.c
cat > CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.10)
project(qrs VERSION 1.9.2 LANGUAGES C)
include(GNUInstallDirs)
include(CheckIncludeFile)
include(CheckFunctionExists)
foreach(header error.h errno.h err.h png.h sys/endian.h endian.h)
  string(MAKE_C_IDENTIFIER "HAVE_${header}" variable)
  check_include_file(${header} ${variable})
endforeach()
foreach(function strlcpy getprogname error)
  check_function_exists(${function} HAVE_${function})
endforeach()
if(NOT HAVE_png_h)
  message(WARNING "libpng not found: error correction pictures will be written as PBM")
endif()
include_directories(include)
add_subdirectory(lib)
add_subdirectory(tool)
add_subdirectory(man)
install(DIRECTORY include/qrs DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
END
echo "add_library(qrs STATIC$sources)
install(TARGETS qrs DESTINATION \${CMAKE_INSTALL_LIBDIR})" > lib/CMakeLists.txt
echo 'add_executable(qrs-tool qrs.c)
target_link_libraries(qrs-tool qrs)
install(TARGETS qrs-tool DESTINATION ${CMAKE_INSTALL_BINDIR})' > tool/CMakeLists.txt
echo 'install(FILES qrs-tool.1 qrs-scan.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)' > man/CMakeLists.txt
echo '.TH QRS-TOOL 1' > man/qrs-tool.1
cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX=/usr/local -DCMAKE_VERBOSE_MAKEFILE=ON
cmake --build build -j 2 -v
DESTDIR=$(pwd)/stage cmake --build build --target install
