# needs: cmake cc
# find_package() of a package that has neither a module nor a configuration.
cat >CMakeLists.txt <<'EOF'
cmake_minimum_required(VERSION 3.10)
project(example C)
find_package(NosuchWidget 1.2 REQUIRED)
add_executable(example main.c)
EOF
cmake -S . -B build
