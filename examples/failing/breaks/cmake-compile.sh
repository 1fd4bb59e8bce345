# needs: cmake make cc
# Configured by CMake, and then a file does not compile.
cat >CMakeLists.txt <<'EOF'
cmake_minimum_required(VERSION 3.10)
project(example C)
add_executable(example main.c)
EOF
printf 'int main(void) {\n    retrun 0;\n}\n' >main.c
cmake -S . -B build >configure.out
cmake --build build
