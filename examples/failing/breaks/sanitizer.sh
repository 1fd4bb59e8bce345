# needs: cc
# A test that was built with a sanitizer.
printf 'int main(int n, char **v) { int a[4] = {0}; return a[n + 3]; }\n' >over.c
cc -g -fsanitize=address -o over over.c
./over
